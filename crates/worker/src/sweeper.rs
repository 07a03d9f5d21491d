use std::sync::Arc;
use std::time::{Duration, Instant};

use ninja_db::{AsyncPgConnection, ConnectOptions, DbResult, budgets, connect_one, sweep};
use tokio_util::sync::CancellationToken;

use crate::worker::Worker;

/// A query that takes longer says that PostgreSQL is in trouble, so that nobody's silence means anything.
const SLOW: Duration = Duration::from_secs(5);
/// How long a task may stay `cancelling` before it is closed without its worker.
const CANCELLING: Duration = Duration::from_secs(30);
/// An open task that neither waits nor has had an event for so long is reported.
const STALLED: Duration = Duration::from_mins(10);
const STALLED_EVERY: Duration = Duration::from_mins(1);
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// Takes back the work that nobody does any more, wakes what is due, rings again for what nobody heard. Of all
/// sweepers one leads: the one whose session has the lock.
pub(crate) struct Sweeper {
    pub(crate) worker: Arc<Worker>,
    options: ConnectOptions,
    /// Until then nobody is taken for dead: after an outage silence is no sign.
    grace: Instant,
    stalled_at: Instant,
    prune_at: Instant,
}

impl Sweeper {
    pub(crate) fn new(worker: Arc<Worker>, options: ConnectOptions) -> Self {
        let now = Instant::now();
        Self { worker, options, grace: now, stalled_at: now, prune_at: now }
    }

    /// Sweeps until `end`. A pass that has begun is finished.
    pub(crate) async fn run(mut self, end: CancellationToken) {
        while !end.is_cancelled() {
            if let Err(error) = self.lead(&end).await {
                tracing::debug!(%error, "sweeping again after a pause");
            }
            self.wait(&end).await;
        }
    }

    /// Waits for the lock on a connection of its own, then sweeps for as long as that connection lives.
    async fn lead(&mut self, end: &CancellationToken) -> DbResult<()> {
        let mut conn = connect_one(&self.options).await?;
        let settings = &self.worker.settings.worker;
        let silence = settings.lease_seconds.duration().max(settings.sweep_seconds.duration() * 5);
        sweep::yield_after(&mut conn, silence).await?;
        while !sweep::lead(&mut conn).await? {
            self.wait(end).await;
            if end.is_cancelled() {
                return Ok(());
            }
        }
        tracing::info!("this worker sweeps");
        self.trust_nobody();
        while !end.is_cancelled() {
            let began = Instant::now();
            if let Err(error) = self.pass(&mut conn).await {
                let cause: &dyn std::error::Error = &error;
                tracing::warn!(error = cause, "a sweep failed");
                return Err(error);
            }
            if began.elapsed() > SLOW {
                self.trust_nobody();
            }
            self.wait(end).await;
        }
        Ok(())
    }

    async fn pass(&mut self, conn: &mut AsyncPgConnection) -> DbResult<()> {
        let worker = Arc::clone(&self.worker);
        let lease = worker.settings.worker.lease_seconds.duration();
        if Instant::now() >= self.grace && !sweep::is_quiet_time(conn, lease).await? {
            worker.take_over_all(conn).await?;
        }
        for notice in sweep::end_cancelling(conn, CANCELLING).await? {
            count("end_cancelling", 1);
            worker.notify(&notice);
        }
        for notice in budgets::wake(conn, &worker.caps()).await? {
            count("wake", 1);
            worker.notify(&notice);
        }
        for notice in sweep::end_waits(conn).await? {
            count("end_waits", 1);
            worker.notify(&notice);
        }
        count("release", worker.release_all(conn).await?);
        count("repush", worker.repush(conn).await?);
        if Instant::now() >= self.stalled_at {
            for notice in sweep::mark_stalled(conn, STALLED).await? {
                worker.notify(&notice);
            }
            self.stalled_at = Instant::now() + STALLED_EVERY;
        }
        if Instant::now() >= self.prune_at {
            sweep::prune(conn).await?;
            self.prune_at = Instant::now() + PRUNE_EVERY;
        }
        Ok(())
    }

    fn trust_nobody(&mut self) {
        self.grace = Instant::now() + self.worker.settings.worker.lease_seconds.duration();
    }

    async fn wait(&self, end: &CancellationToken) {
        let every = self.worker.settings.worker.sweep_seconds.duration();
        drop(tokio::time::timeout(every, end.cancelled()).await);
    }
}

pub(crate) fn count(action: &'static str, times: usize) {
    let times = u64::try_from(times).unwrap_or(u64::MAX);
    metrics::counter!("ninja_sweeper_actions_total", "action" => action).increment(times);
}
