use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ninja_db::sweep::Expired;
use ninja_db::workers::{NewWorker, Renewed};
use ninja_db::{AsyncPgConnection, ConnectOptions, DbResult, connect_one, jobs, workers};
use ninja_types::{JobId, TaskStatus};
use tokio_util::sync::CancellationToken;

use crate::running::Why;
use crate::worker::Worker;

/// Proves that this process lives, and finds out whether it may go on: on a thread and a connection of its own, so that
/// neither a busy executor nor a spent pool can cost the lease.
pub(crate) struct Heartbeat {
    worker: Arc<Worker>,
    options: ConnectOptions,
    /// How this process registers; the id is filled in at each new life.
    card: NewWorker,
    conn: Option<AsyncPgConnection>,
    /// When the last good renewal was sent. `None`: not registered.
    good: Option<Instant>,
    /// Jobs that the rows give to us and that nobody here knows, by how many renewals running.
    strays: HashMap<(JobId, i64), u32>,
}

impl Heartbeat {
    pub(crate) fn new(worker: Arc<Worker>, options: ConnectOptions, card: NewWorker) -> Self {
        Self { worker, options, card, conn: None, good: None, strays: HashMap::new() }
    }

    /// Starts the thread. It ends with `end`, and then closes nothing: whoever ends it knows whether all is handed back.
    pub(crate) fn start(mut self, end: CancellationToken) -> std::io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
            runtime.block_on(end.run_until_cancelled_owned(self.run()));
        })
    }

    async fn run(&mut self) {
        let every = self.worker.settings.worker.renew_seconds.duration();
        loop {
            let sent = Instant::now();
            // A renewal that hangs must not keep the fence from being drawn.
            let beat =
                tokio::time::timeout(every.max(Duration::from_secs(1)), self.beat(sent)).await;
            match beat {
                Ok(Ok(())) => {
                    metrics::histogram!("ninja_lease_renew_seconds")
                        .record(sent.elapsed().as_secs_f64());
                }
                Ok(Err(error)) => {
                    self.conn = None;
                    tracing::debug!(%error, "renewal failed, trying again");
                }
                Err(_elapsed) => self.conn = None,
            }
            self.fence_if_late();
            self.worker.pulses.heartbeat.beat();
            let pause = if self.conn.is_some() { every } else { every / 4 };
            // A poke, or the time, whichever comes first.
            drop(tokio::time::timeout(pause, self.worker.look.notified()).await);
        }
    }

    /// One renewal, or the registration that comes before the first.
    async fn beat(&mut self, sent: Instant) -> DbResult<()> {
        let lease = self.worker.settings.worker.lease_seconds.duration();
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => connect_one(&self.options).await?,
        };
        let me = self.worker.life.id();
        if self.good.is_none() {
            self.card.id = me;
            workers::register(&mut conn, &self.card).await?;
            self.good = Some(sent);
            self.worker.life.begin();
            tracing::info!(worker_id = %me, "registered");
        } else {
            match workers::renew(&mut conn, me, lease).await? {
                Some(renewed) => {
                    self.good = Some(sent);
                    self.compare(&mut conn, &renewed, sent).await?;
                }
                None => self.lose("others took it for dead"),
            }
        }
        self.conn = Some(conn);
        Ok(())
    }

    /// Memory and rows must tell the same: what only one of them knows is put right here.
    async fn compare(
        &mut self,
        conn: &mut AsyncPgConnection,
        renewed: &Renewed,
        sent: Instant,
    ) -> DbResult<()> {
        if renewed.drain_asked {
            self.worker.draining.cancel();
        }
        let running = &self.worker.running;
        let steps = renewed.held.iter().map(|held| (held.job, held.epoch));
        let listed: Vec<_> = steps.chain(renewed.errands.iter().copied()).collect();
        for job in running.missing_from(&listed, sent) {
            tracing::warn!(job_id = %job, "lease lost: another worker has the job, stopping");
            running.stop(job, Why::Fenced);
        }
        for held in &renewed.held {
            match held.status {
                TaskStatus::Cancelling => running.stop(held.job, Why::Cancelled),
                status => running.pause(held.job, status == TaskStatus::Paused),
            }
        }
        let strays = listed.into_iter().filter(|(job, epoch)| !running.knows(*job, *epoch));
        let strays: HashMap<_, _> =
            strays.map(|key| (key, self.strays.get(&key).map_or(1, |seen| seen + 1))).collect();
        for ((job, epoch), seen) in &strays {
            if *seen >= 2 {
                tracing::warn!(job_id = %job, epoch, "a claim whose answer was lost: handing back");
                self.give_back_stray(conn, *job, *epoch).await?;
            }
        }
        self.strays = strays;
        Ok(())
    }

    async fn give_back_stray(
        &self,
        conn: &mut AsyncPgConnection,
        job: JobId,
        epoch: i64,
    ) -> DbResult<()> {
        let worker = self.card.id;
        if let Some(settled) = jobs::give_back_stray(conn, job, epoch, worker).await? {
            self.worker.push(&settled.pushes);
            self.worker.notify(&settled.notice);
        } else if let Some(push) =
            jobs::take_over_errand(conn, &Expired { job, epoch, worker }, i32::MAX).await?
        {
            self.worker.push(&[push]);
        }
        Ok(())
    }

    /// Two thirds of the lease without a renewal: nobody may take the work yet, so this is the time to stop doing it.
    fn fence_if_late(&mut self) {
        let limit = self.worker.settings.worker.lease_seconds.duration() * 2 / 3;
        if self.good.is_some_and(|good| good.elapsed() > limit) {
            self.lose("it could not be renewed");
        }
    }

    /// Stops everything and begins a new life. What the old one held is handed back by its attempts, if they can.
    fn lose(&mut self, why: &str) {
        let old = self.worker.life.id();
        tracing::warn!(worker_id = %old, reason = why, running = self.worker.running.len(), "lease.lost");
        self.worker.life.end();
        self.worker.running.stop_all(Why::Fenced);
        self.good = None;
        self.strays.clear();
    }
}
