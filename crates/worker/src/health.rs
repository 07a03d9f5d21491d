use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::PrometheusHandle;
use ninja_config::WorkerRole;
use ninja_db::migrate;
use serde_json::json;
use tokio::sync::Mutex;

use crate::http::Answer;
use crate::worker::Worker;

/// Silence after which a part of the process counts as dead.
const HEARTBEAT: Duration = Duration::from_secs(10);
const FETCH: Duration = Duration::from_mins(1);
/// How long an answer of PostgreSQL is believed.
const BELIEVED: Duration = Duration::from_secs(1);

/// Answers `/livez`, `/readyz` and `/metrics`.
#[derive(Clone)]
pub(crate) struct Health {
    worker: Arc<Worker>,
    metrics: PrometheusHandle,
    /// Whether PostgreSQL answered with the schema of this version, and when that was.
    database: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Health {
    pub(crate) fn new(worker: Arc<Worker>, metrics: PrometheusHandle) -> Self {
        Self { worker, metrics, database: Arc::default() }
    }

    pub(crate) async fn answer(self, path: String) -> Answer {
        match path.as_str() {
            "/livez" => self.live(),
            "/readyz" => self.ready().await,
            "/metrics" => self.metrics(),
            _ => Answer::json(404, &json!({"status": "not found"})),
        }
    }

    /// Asks nobody: a worker does not live longer for killing it while PostgreSQL is away.
    fn live(&self) -> Answer {
        let worker = &self.worker;
        let mut dead = Vec::new();
        if worker.pulses.heartbeat.age() > HEARTBEAT {
            dead.push("heartbeat");
        }
        // A worker that only sweeps, or that drains, fetches nothing and is none the deader for it.
        let fetches = worker.settings.worker.roles.has(WorkerRole::Steps);
        if fetches && !worker.draining.is_cancelled() && worker.pulses.fetch.age() > FETCH {
            dead.push("fetch");
        }
        let status = if dead.is_empty() { 200 } else { 503 };
        let word = if dead.is_empty() { "alive" } else { "dead" };
        Answer::json(status, &json!({"status": word, "silent": dead}))
    }

    async fn ready(&self) -> Answer {
        let mut missing = Vec::new();
        if self.worker.draining.is_cancelled() {
            missing.push("draining");
        }
        if !self.worker.life.is_leased() {
            missing.push("lease");
        }
        if !self.database_is_current().await {
            missing.push("database");
        }
        let degraded = if self.worker.queue.ping().await.is_ok() { vec![] } else { vec!["redis"] };
        let status = if missing.is_empty() { 200 } else { 503 };
        let word = if missing.is_empty() { "ready" } else { "not ready" };
        Answer::json(status, &json!({"status": word, "missing": missing, "degraded": degraded}))
    }

    async fn database_is_current(&self) -> bool {
        let mut known = self.database.lock().await;
        if let Some((at, current)) = *known
            && at.elapsed() < BELIEVED
        {
            return current;
        }
        let ask = async { migrate::is_current(&mut *self.worker.conn().await?).await };
        let current = matches!(tokio::time::timeout(BELIEVED, ask).await, Ok(Ok(true)));
        *known = Some((Instant::now(), current));
        current
    }

    fn metrics(&self) -> Answer {
        let worker = &self.worker;
        let (most, running) = (worker.settings.worker.concurrency, worker.running.len());
        gauge("ninja_worker_permits", "taken", running);
        gauge("ninja_worker_permits", "free", most.saturating_sub(running));
        let pool = worker.db.state();
        gauge("ninja_db_connections", "idle", pool.idle);
        gauge("ninja_db_connections", "lent", pool.open.saturating_sub(pool.idle));
        let content_type = "text/plain; version=0.0.4; charset=utf-8";
        Answer { status: 200, content_type, body: self.metrics.render() }
    }
}

fn gauge(name: &'static str, state: &'static str, value: usize) {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    metrics::gauge!(name, "state" => state).set(f64::from(value));
}

/// Asks the worker that listens at `bind` whether it is ready: `ninja-worker health`, for containers without curl.
pub fn ask(bind: SocketAddr) -> Result<(), String> {
    const LIMIT: Duration = Duration::from_secs(5);
    let address = if bind.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), bind.port())
    } else {
        bind
    };
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    match asked() {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => Ok(()),
        Ok(answer) => Err(answer.lines().last().unwrap_or("no answer").to_owned()),
        Err(error) => Err(format!("no worker answers at {address}: {error}")),
    }
}
