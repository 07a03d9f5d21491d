use diesel_async::AsyncPgConnection;
use ninja_types::{Failure, TaskStatus};

use super::end;
use crate::{DbResult, Lease, Settled, locked};

/// Ends a step as failed, for good. A required one fails its task: open steps close, their jobs go, their owners are
/// fenced. An optional one lets the task go on without it.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    failure: &Failure,
) -> DbResult<Settled> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        if task.status == TaskStatus::Cancelling {
            return end::cancel_running(c, task, lease).await;
        }
        end::fail(c, task, lease, failure, None).await
    })
}

/// Ends a step whose task is being cancelled, before its finish. The last one closes the task.
pub async fn stop(conn: &mut AsyncPgConnection, lease: &Lease) -> DbResult<Settled> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        end::cancel_running(c, task, lease).await
    })
}
