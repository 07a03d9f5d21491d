use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{TaskId, TaskStatus};

use crate::audit::{self, Act};
use crate::schema::{jobs, steps, tasks};
use crate::{DbResult, Owner, locked};

/// Deletes an ended task with its steps, calls, events and artifacts. `None`: `owner` has no such task; an open one is
/// refused with its status.
pub async fn delete(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    act: &Act,
) -> DbResult<Option<Result<(), TaskStatus>>> {
    transact!(conn, |c| {
        let Some(locked) = locked::lock_of(c, owner, task).await? else { return Ok(None) };
        if !locked.status.is_terminal() {
            return Ok(Some(Err(locked.status)));
        }
        let of_task = steps::table.filter(steps::task_id.eq(task.0)).select(steps::id);
        diesel::delete(jobs::table.filter(jobs::subject_id.eq_any(of_task))).execute(c).await?;
        diesel::delete(tasks::table.find(task.0)).execute(c).await?;
        audit::append(c, act).await?;
        Ok(Some(Ok(())))
    })
}
