use ninja_db::{AsyncPgConnection, DbResult, jobs, sweep};
use ninja_types::Pool;

use crate::sweeper::count;
use crate::worker::Worker;

/// Jobs that one pass takes back at most: the next pass comes soon.
const AT_ONCE: i64 = 100;

impl Worker {
    /// Makes the jobs of dead workers ready again, under a new epoch, and removes those workers from the streams.
    pub(crate) async fn take_over_all(&self, conn: &mut AsyncPgConnection) -> DbResult<()> {
        let lost = sweep::mark_lost(conn).await?;
        for worker in &lost {
            tracing::warn!(worker_id = %worker, "a worker is lost: its jobs are taken over");
        }
        count("worker_lost", lost.len());
        let max_crashes = i32::try_from(self.settings.worker.max_crashes).unwrap_or(i32::MAX);
        for expired in sweep::expired(conn, AT_ONCE).await? {
            if let Some(settled) = sweep::take_over(conn, &expired, max_crashes).await? {
                count("take_over", 1);
                self.push(&settled.pushes);
                self.notify(&settled.notice);
            } else if let Some(push) = jobs::take_over_errand(conn, &expired, max_crashes).await? {
                count("take_over", 1);
                self.push(&[push]);
            }
        }
        for worker in lost {
            for pool in Pool::ALL {
                if let Err(error) = self.queue.bury(*pool, worker).await {
                    tracing::debug!(worker_id = %worker, %pool, %error, "consumer not buried: its messages will be claimed");
                }
            }
        }
        Ok(())
    }

    /// Rings again for released jobs that no message names: the push failed, or Redis lost it. Age alone pushes
    /// nothing, so that a backlog does not multiply.
    pub(crate) async fn repush(&self, conn: &mut AsyncPgConnection) -> DbResult<usize> {
        let older = self.settings.worker.repush_seconds.duration();
        let stale = sweep::stale_released(conn, older).await?;
        let mut pushed = 0;
        for pool in Pool::ALL {
            let candidates: Vec<_> =
                stale.iter().filter(|stale| stale.push.pool == *pool).collect();
            if candidates.is_empty() {
                continue;
            }
            let jobs: Vec<_> = candidates.iter().map(|stale| stale.push.job).collect();
            let missing = match self.queue.missing(*pool, &jobs).await {
                Ok(missing) => missing,
                Err(error) => {
                    tracing::debug!(%pool, %error, "Redis does not answer: nothing is pushed again");
                    return Ok(pushed);
                }
            };
            for stale in candidates.into_iter().filter(|stale| missing.contains(&stale.push.job)) {
                if sweep::confirm_repush(conn, stale).await? {
                    self.push(&[stale.push]);
                    pushed += 1;
                }
            }
        }
        Ok(pushed)
    }
}
