use diesel_async::AsyncPgConnection;
use ninja_types::{TaskId, TaskStatus, UserId};

use super::{Changed, Steered, row};
use crate::{DbResult, Owner, Slots, jobs, locked, release};

/// Holds a running task back: no job of it is claimed and no call of it begins any more. Steps that run are handed back by
/// their workers when the call in flight ends; one that needs no further call completes. `None`: no such task of `owner`.
pub async fn pause(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    by: UserId,
    slots: &Slots,
) -> DbResult<Option<Steered>> {
    transact!(conn, |c| {
        let Some(mut locked) = locked::lock_of(c, owner, task).await? else { return Ok(None) };
        if locked.status != TaskStatus::Running {
            return Ok(Some(Steered::Refused(locked.status)));
        }
        let user = locked.user;
        locked.pause(by);
        jobs::hold_all(c, &locked).await?;
        let notice = locked.save(c).await?;
        let task = *row::read(c, task).await?;
        // Its held jobs gave up their slots: they are for the user's next.
        let pushes = release::within(c, user, slots).await?;
        Ok(Some(Steered::Done(Box::new(Changed { task, pushes, notice }))))
    })
}
