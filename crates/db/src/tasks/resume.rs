use diesel_async::AsyncPgConnection;
use ninja_types::{TaskId, TaskStatus};

use super::{Changed, Steered, row};
use crate::steps::{Graph, wait};
use crate::{DbResult, Owner, Slots, jobs, locked, release};

/// Lets a paused task go on; it waits at once if every open step does. `None`: no such task of `owner`.
pub async fn resume(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
    slots: &Slots,
) -> DbResult<Option<Steered>> {
    transact!(conn, |c| {
        let Some(mut locked) = locked::lock_of(c, owner, task).await? else { return Ok(None) };
        if locked.status != TaskStatus::Paused {
            return Ok(Some(Steered::Refused(locked.status)));
        }
        let user = locked.user;
        locked.resume();
        jobs::let_go(c, &locked).await?;
        let graph = Graph::load(c, &locked).await?;
        wait::rest(c, &mut locked, &graph).await?;
        let notice = locked.save(c).await?;
        let task = *row::read(c, task).await?;
        let pushes = release::within(c, user, slots).await?;
        Ok(Some(Steered::Done(Box::new(Changed { task, pushes, notice }))))
    })
}
