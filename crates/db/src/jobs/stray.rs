use diesel_async::AsyncPgConnection;
use ninja_types::{JobId, WorkerId};

use super::{GiveBack, give_back};
use crate::sweep::{Expired, lease_of};
use crate::{DbError, DbResult, Settled};

/// Hands back a job that `worker` holds by its row and knows nothing of: the answer to its claim was lost. Uncharged, as it
/// never ran. `None`: it moved on meanwhile.
pub async fn give_back_stray(
    conn: &mut AsyncPgConnection,
    job: JobId,
    epoch: i64,
    worker: WorkerId,
) -> DbResult<Option<Settled>> {
    let Some(lease) = lease_of(conn, &Expired { job, epoch, worker }).await? else {
        return Ok(None);
    };
    match give_back(conn, &lease, GiveBack::Drain).await {
        Ok(settled) => Ok(Some(settled)),
        Err(DbError::Fenced) => Ok(None),
        Err(error) => Err(error),
    }
}
