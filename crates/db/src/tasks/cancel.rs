use diesel_async::AsyncPgConnection;
use ninja_types::{TaskId, TaskStatus, UserId};

use super::TaskRow;
use super::row::read as row;
use crate::steps::end;
use crate::{DbResult, Notice, Owner, locked};

/// What became of a wish to cancel.
#[derive(Clone, Debug)]
pub enum Cancel {
    /// The task is cancelled: now, or since an earlier wish.
    Ended(Box<TaskRow>, Option<Notice>),
    /// A worker is at it: it is told by signal, and the task ends when it has let go.
    UnderWay(Box<TaskRow>, Option<Notice>),
    /// The task ended otherwise.
    Refused(TaskStatus),
}

/// Cancels a task, or answers `None` where `owner` has no such task. Asked twice, the second answer is the first.
pub async fn cancel(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    by: UserId,
) -> DbResult<Option<Cancel>> {
    transact!(conn, |c| {
        let Some(mut locked) = locked::lock_of(c, owner, task).await? else { return Ok(None) };
        match locked.status {
            TaskStatus::Completed | TaskStatus::Failed => {
                return Ok(Some(Cancel::Refused(locked.status)));
            }
            TaskStatus::Cancelled => return Ok(Some(Cancel::Ended(row(c, task).await?, None))),
            TaskStatus::Cancelling => {
                return Ok(Some(Cancel::UnderWay(row(c, task).await?, None)));
            }
            _ => {}
        }
        if end::leased_jobs(c, &locked).await? == 0 {
            end::cancel_now(c, &mut locked, by).await?;
            let notice = locked.save(c).await?;
            return Ok(Some(Cancel::Ended(row(c, task).await?, Some(notice))));
        }
        locked.begin_cancelling(by);
        end::close_idle_steps(c, &mut locked).await?;
        let notice = locked.save(c).await?;
        Ok(Some(Cancel::UnderWay(row(c, task).await?, Some(notice))))
    })
}
