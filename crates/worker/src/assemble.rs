use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use ninja_config::{WorkerRole, WorkerSettings};
use ninja_db::sealed::Opener;
use ninja_db::workers::NewWorker;
use ninja_db::{ConnectOptions, Db, DbError};
use ninja_files::Store;
use ninja_llm::{Models, Outside, PriceError, ProviderSource, Registry};
use ninja_queue::{Pulse, Queue};
use ninja_sandbox::Sandbox;
use ninja_tools::Bench;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alone::Alone;
use crate::gate::Gate;
use crate::life::Life;
use crate::process::WorkerError;
use crate::provider_health::FleetHealth;
use crate::provider_rates::FleetRates;
use crate::provider_source::Providers;
use crate::running::Running;
use crate::worker::{Pulses, Worker};

/// Connections of a worker, unless the settings say otherwise; heartbeat and sweeper have their own.
const POOL: usize = 8;
/// Longest statement of a worker's session, and longest wait for a lock.
const STATEMENT: Duration = Duration::from_secs(15);
const LOCK: Duration = Duration::from_secs(10);

/// Opens everything that this process works with. Engines that are away are no error: they come back.
pub(crate) async fn assemble(
    settings: WorkerSettings,
    tracker: TaskTracker,
) -> Result<Worker, WorkerError> {
    let db = Db::new(&options(&settings, "ninja-worker"))?;
    let queue = Queue::open(&settings.redis, tracker)?;
    let store = Store::open(&settings.files).await?;
    let bench = Bench { store, sandbox: prove_sandbox(&settings).await };
    let packages = ninja_tools::packages(&bench).await;
    let keys = settings.secrets.master_keys.iter().map(|key| (key.id(), key.expose()));
    let opener = Opener::new(keys);
    check(&db, &opener).await?;
    let providers = Arc::new(Providers::new(db.clone(), opener, &settings.providers));
    let client = ninja_egress::provider_client();
    let client = client.map_err(|error| WorkerError::Egress(Box::new(error)))?;
    let wire = Arc::new(Registry::new(&client));
    let gate = Gate::new();
    Ok(Worker {
        models: models(&settings, &wire, &providers, &queue)?,
        db,
        queue,
        bench,
        packages,
        wire,
        providers,
        life: Life::new(gate.clone()),
        running: Running::default(),
        alone: Alone::new(gate.clone()),
        gate,
        look: Notify::new(),
        draining: CancellationToken::new(),
        pulses: Pulses { heartbeat: Pulse::new(), fetch: Pulse::new() },
        settings,
    })
}

/// Wrong master keys end the process here. While PostgreSQL is away nobody knows: a secret that does not open then is
/// told when it is asked for.
async fn check(db: &Db, opener: &Opener) -> Result<(), WorkerError> {
    let checked = async { opener.check(&mut *db.conn().await?).await };
    match checked.await {
        Err(error @ DbError::Sealed(_)) => Err(WorkerError::MasterKeys(error)),
        Err(error) => {
            tracing::warn!(%error, "the master keys cannot be checked now");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The one way to an answer of a model.
fn models(
    settings: &WorkerSettings,
    wire: &Arc<Registry>,
    providers: &Arc<Providers>,
    queue: &Queue,
) -> Result<Models, PriceError> {
    let source: Arc<dyn ProviderSource> = Arc::<Providers>::clone(providers);
    let health = Arc::new(FleetHealth::new(queue.clone()));
    let rates = Arc::new(FleetRates::new(queue.clone()));
    let wires = Arc::<Registry>::clone(wire);
    Models::with(Outside { source, health, rates }, wires, settings.llm.clone())
}

/// A worker whose sandbox does not hold still runs what needs none.
async fn prove_sandbox(settings: &WorkerSettings) -> Result<Arc<Sandbox>, String> {
    let config = settings.sandbox.clone();
    let proven = tokio::task::spawn_blocking(move || Sandbox::prove(&config)).await;
    match proven {
        Ok(Ok(sandbox)) => Ok(Arc::new(sandbox)),
        Ok(Err(refused)) => {
            tracing::warn!(reason = %refused, "programs cannot be run on this worker");
            Err(refused.to_string())
        }
        Err(error) => {
            tracing::error!(%error, "the proof of the sandbox panicked");
            Err("The proof of the sandbox failed; the worker's log has the cause.".to_owned())
        }
    }
}

/// How to reach PostgreSQL under this name.
pub(crate) fn options(settings: &WorkerSettings, name: &'static str) -> ConnectOptions {
    let database = &settings.database;
    ConnectOptions {
        url: database.full_url(),
        pool_size: database.pool_size.unwrap_or(POOL),
        acquire: database.acquire_seconds.duration(),
        statement: STATEMENT,
        lock: LOCK,
        name,
    }
}

/// How this process registers.
pub(crate) fn card(worker: &Worker) -> NewWorker {
    let settings = &worker.settings.worker;
    let (mut provides, sandbox) = match &worker.bench.sandbox {
        Ok(sandbox) => (sandbox.provides(), serde_json::json!(sandbox.published())),
        Err(reason) => (Vec::new(), serde_json::json!({"tier": null, "reasons": [reason]})),
    };
    provides.extend_from_slice(&worker.packages);
    NewWorker {
        id: worker.life.id(),
        host: std::fs::read_to_string("/proc/sys/kernel/hostname")
            .map_or_else(|_unknown| "unknown".to_owned(), |name| name.trim().to_owned()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        roles: settings.roles.list().iter().map(|role| word(*role).to_owned()).collect(),
        pools: settings.pools.list().to_vec(),
        provides,
        sandbox,
        concurrency: i32::try_from(settings.concurrency).unwrap_or(i32::MAX),
        lease: settings.lease_seconds.duration(),
    }
}

const fn word(role: WorkerRole) -> &'static str {
    match role {
        WorkerRole::Steps => "steps",
        WorkerRole::Sweeper => "sweeper",
    }
}

/// Collects the metrics of the process; histograms in seconds, from a millisecond to the longest step.
pub(crate) fn collect_metrics() -> Result<PrometheusHandle, WorkerError> {
    const SECONDS: [f64; 11] = [0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0];
    let seconds = Matcher::Suffix("_seconds".to_owned());
    Ok(PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)?.install_recorder()?)
}

/// Keeps the histograms from growing.
pub(crate) async fn upkeep(metrics: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}
