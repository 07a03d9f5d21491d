use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ninja_db::jobs::GiveBack;
use ninja_db::steps::{Shortcut, StepDone};
use ninja_db::{DbError, DbResult, Lease, Settled, jobs, steps};
use ninja_types::Failure;

use crate::attempt::is_passing;
use crate::backoff::{before_query, before_retry, pause};
use crate::running::{Place, Stop, Why};
use crate::worker::Worker;

/// How long one tries to store an outcome. By then the lease is gone, and the work another's.
const PATIENCE: Duration = Duration::from_mins(2);

/// What came of an attempt.
pub(crate) enum Ended {
    Done(Box<StepDone>),
    /// It may pass: charged, and again after a while.
    Retry {
        after: Option<Duration>,
        failure: Failure,
    },
    /// What it needs rests: handed back uncharged.
    Resting {
        after: Duration,
        failure: Failure,
    },
    Failed(Failure),
    /// It was stopped from outside.
    Stopped(Why),
    /// The journal refused a call, and the same transaction settled the job.
    Settled,
    /// The job is another's: nothing may be written.
    Lost,
    /// PostgreSQL was away in the middle of it: nobody's fault.
    Unavailable,
}

impl Ended {
    /// For the metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Retry { .. } => "retry",
            Self::Failed(_) => "failed",
            Self::Stopped(Why::Cancelled) => "cancelled",
            Self::Stopped(_) | Self::Resting { .. } | Self::Unavailable | Self::Settled => {
                "handed_back"
            }
            Self::Lost => "fenced",
        }
    }
}

impl Worker {
    /// Stores the outcome in one transaction, then tells whom it concerns. Answers the successor that the same
    /// transaction claimed, if it may go on at once.
    pub(crate) async fn settle(
        &self,
        lease: &Lease,
        place: Place,
        ended: Ended,
        may_go_on: bool,
    ) -> Option<Lease> {
        if matches!(ended, Ended::Settled) {
            return None;
        }
        let may_go_on =
            may_go_on && !self.draining.is_cancelled() && self.life.id() == lease.worker;
        let shortcut = may_go_on.then(|| Shortcut {
            worker: lease.worker,
            pools: self.settings.worker.pools.list().to_vec(),
            limit: self.deadline(),
        });
        let wait = before_retry(
            lease.attempt,
            match &ended {
                Ended::Retry { after, .. } => *after,
                _ => None,
            },
        );
        if let Ended::Retry { failure, .. } = &ended {
            let (kind, code) = (lease.kind.as_str(), failure.code.as_str());
            metrics::counter!("ninja_job_retries_total", "kind" => kind, "code" => code)
                .increment(1);
            tracing::warn!(job_id = %lease.job, code, reason = failure.message, "attempt failed, again later");
        }
        let store = || self.store(lease, &ended, wait, shortcut.as_ref()).boxed();
        let settled = match self.until_decided(store).await {
            Ok(settled) => settled,
            Err(error) => {
                log_unsettled(lease, &error);
                return None;
            }
        };
        drop(place); // before its push: a message that comes at once must not look like a doubled one
        self.announce(&settled).await;
        settled.next
    }

    /// One transaction for each way to end.
    async fn store(
        &self,
        lease: &Lease,
        ended: &Ended,
        wait: Duration,
        shortcut: Option<&Shortcut>,
    ) -> DbResult<Settled> {
        let conn = &mut *self.conn().await?;
        match ended {
            Ended::Done(done) => steps::finish(conn, lease, done, shortcut).await,
            Ended::Retry { failure, .. } => jobs::retry(conn, lease, failure, wait).await,
            Ended::Failed(failure) => steps::fail(conn, lease, failure).await,
            Ended::Stopped(Why::Paused) => jobs::give_back(conn, lease, GiveBack::Pause).await,
            Ended::Stopped(_) => jobs::give_back(conn, lease, GiveBack::Drain).await,
            Ended::Resting { after, failure } => {
                tracing::info!(job_id = %lease.job, code = failure.code.as_str(), "handed back for a while");
                jobs::rest(conn, lease, failure, *after).await
            }
            Ended::Unavailable => {
                jobs::give_back(conn, lease, GiveBack::Unavailable { after: wait }).await
            }
            Ended::Lost | Ended::Settled => Err(DbError::Fenced),
        }
    }

    /// A job that was claimed and never started goes back uncharged.
    pub(crate) async fn give_back_unstarted(&self, lease: &Lease, stop: &Stop) {
        let how = match stop.why() {
            Some(Why::Paused) => GiveBack::Pause,
            Some(_) => GiveBack::Drain,
            None => GiveBack::Alone,
        };
        let give = || async { jobs::give_back(&mut *self.conn().await?, lease, how).await }.boxed();
        match self.until_decided(give).await {
            Ok(settled) => self.announce(&settled).await,
            Err(error) => log_unsettled(lease, &error),
        }
    }

    /// Asks until PostgreSQL decides. A commit whose answer was lost shows at the next try as a fence.
    pub(crate) async fn until_decided<'a, T>(
        &self,
        ask: impl Fn() -> BoxFuture<'a, DbResult<T>>,
    ) -> DbResult<T> {
        let end = Instant::now() + PATIENCE;
        let mut failures = 0;
        loop {
            match ask().await {
                Err(error) if is_passing(&error) && Instant::now() < end => {
                    tracing::debug!(%error, "PostgreSQL did not decide, asking again");
                    pause(before_query(failures)).await;
                    failures += 1;
                }
                decided => return decided,
            }
        }
    }

    /// After the commit: rings for what became ready, tells the watchers, lets the user's next jobs out.
    pub(crate) async fn announce(&self, settled: &Settled) {
        self.push(&settled.pushes);
        self.notify(&settled.notice);
        if settled.freed {
            self.release(settled.user).await;
        }
    }
}

/// Nothing was written: either somebody else has the job, or its lease will run out.
fn log_unsettled(lease: &Lease, error: &DbError) {
    if matches!(error, DbError::Fenced) {
        metrics::counter!("ninja_job_fenced_total", "kind" => lease.kind.as_str()).increment(1);
        tracing::warn!(job_id = %lease.job, epoch = lease.epoch, "lease lost: another worker has the job");
    } else {
        let cause: &dyn std::error::Error = error;
        tracing::error!(job_id = %lease.job, epoch = lease.epoch, error = cause, "an outcome was not stored");
    }
}
