use ninja_types::{JobId, JobKind, Pool};

use crate::queue::BEST_EFFORT;
use crate::{JobRef, Queue, Unavailable};

/// A released job, to be rung for. Only the transaction that released it pushes it, after its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Whose stream.
    pub pool: Pool,
    /// Which job.
    pub job_id: JobId,
    /// What it does.
    pub kind: JobKind,
}

impl Posting {
    pub(crate) fn job(self) -> JobRef {
        JobRef { job_id: self.job_id, kind: self.kind }
    }
}

impl Queue {
    /// Rings for released jobs, beside the caller and as best it can: a ring that fails is counted, and the re-push
    /// makes up for it.
    pub fn push(&self, released: impl IntoIterator<Item = Posting>) {
        let released: Vec<Posting> = released.into_iter().collect();
        if released.is_empty() {
            return;
        }
        let queue = self.clone();
        self.detach(async move {
            if let Err(error) = queue.post(&released).await {
                metrics::counter!("ninja_push_failures_total")
                    .increment(u64::try_from(released.len()).unwrap_or(u64::MAX));
                tracing::debug!(jobs = released.len(), %error, "push failed: the job rows will be found");
            }
        });
    }

    /// One entry per job, in one round trip. A second try, because the first one after an outage only finds out
    /// that the shared connection is dead; a doubled message is harmless.
    async fn post(&self, released: &[Posting]) -> Result<(), Unavailable> {
        let mut pipe = redis::pipe();
        for posting in released {
            let stream = self.names().stream(posting.pool);
            pipe.xadd(stream, "*", &posting.job().fields()).ignore();
        }
        self.within(BEST_EFFORT, async {
            match pipe.query_async(&mut self.shared()).await {
                Ok(()) => Ok(()),
                Err(_first) => pipe.query_async(&mut self.shared()).await,
            }
        })
        .await
    }
}
