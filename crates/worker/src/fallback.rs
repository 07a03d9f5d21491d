use std::sync::Arc;

use async_trait::async_trait;
use ninja_db::jobs;
use ninja_queue::{Fallback, JobRef, Unavailable};
use ninja_types::Pool;

use crate::worker::Worker;

/// Reads from the rows what Redis would have rung for.
pub(crate) struct Rows(pub(crate) Arc<Worker>);

#[async_trait]
impl Fallback for Rows {
    async fn ready(&self, pool: Pool, limit: usize) -> Result<Vec<JobRef>, Unavailable> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let ready = async { jobs::ready(&mut *self.0.conn().await?, &[pool], limit).await };
        let ready = ready.await.map_err(|error| Unavailable::new("PostgreSQL", error))?;
        Ok(ready.into_iter().map(|push| JobRef { job_id: push.job, kind: push.kind }).collect())
    }
}
