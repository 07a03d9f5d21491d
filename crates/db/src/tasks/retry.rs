use diesel_async::AsyncPgConnection;
use ninja_types::{Budget, Event, FileId, TaskId, TaskStatus};

use super::copy::{self, Copied, Kept};
use super::create::{count_today, link_files, lock_files, open_first};
use super::{Changed, TaskRow, row};
use crate::idempotency::{self, Answer, Once};
use crate::locked::{self, Locked};
use crate::steps::Graph;
use crate::{DbError, DbResult, Owner, Slots, release};

/// A task to be done again where it left off.
#[derive(Clone, Debug)]
pub struct NewRetry {
    /// Of the new task; chosen before, so that the answer of a keyed request can name it.
    pub id: TaskId,
    /// Completed steps before this one are taken over; `None`: all completed ones.
    pub from_step: Option<i32>,
    /// `provider/model` to ask first; `None`: as before.
    pub model: Option<String>,
    /// The limits of the new task.
    pub budget: Budget,
    /// Live jobs at a time, by role.
    pub slots: Slots,
    /// Tasks that the owner may have in a UTC day.
    pub tasks_per_day: i32,
}

/// What became of a wish to retry.
#[derive(Clone, Debug)]
pub enum Retried {
    /// The new task is stored.
    Done(Box<Changed>),
    /// Stored before, by a request with the same key.
    Replayed(Answer),
    /// Only a failed or cancelled task is retried.
    Refused(TaskStatus),
    /// `from_step` is no step that one can begin with; a clause that says why.
    Unreachable(String),
}

/// Stores a new task with the request and the plan of one that failed or was cancelled. Its completed steps are taken
/// over with result, artifacts and journal, at no cost; the others are owed. `None`: no such task of `owner`.
pub async fn retry(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    source: TaskId,
    new: &NewRetry,
    once: Option<&Once<TaskRow>>,
) -> DbResult<Option<Retried>> {
    transact!(conn, |c| {
        if let Some(answer) = idempotency::begin(c, once).await? {
            return Ok(Some(Retried::Replayed(answer)));
        }
        let Some(old) = locked::lock_of(c, owner, source).await? else {
            idempotency::forget(c, once).await?;
            return Ok(None);
        };
        if !matches!(old.status, TaskStatus::Failed | TaskStatus::Cancelled) {
            idempotency::forget(c, once).await?;
            return Ok(Some(Retried::Refused(old.status)));
        }
        let graph = Graph::load(c, &old).await?;
        let kept = match Kept::of(&graph, new.from_step) {
            Ok(kept) => kept,
            Err(reason) => {
                idempotency::forget(c, once).await?;
                return Ok(Some(Retried::Unreachable(reason)));
            }
        };
        let user = old.user;
        count_today(c, user, new.tasks_per_day).await?;
        let copied = store(c, &old, new, &kept).await?;
        let notice = begin(c, new.id, &kept, &copied).await?;
        let task = *row::read(c, new.id).await?;
        idempotency::finish(c, once, &task).await?;
        let pushes = release::within(c, user, &new.slots).await?;
        Ok(Some(Retried::Done(Box::new(Changed { task, pushes, notice }))))
    })
}

/// The rows: task, files, steps, journal.
async fn store(
    c: &mut AsyncPgConnection,
    old: &Locked,
    new: &NewRetry,
    kept: &Kept,
) -> DbResult<Vec<Copied>> {
    let files: Vec<FileId> = copy::files(c, old.id).await?;
    lock_files(c, old.user, &files).await?;
    copy::task(c, old, new, kept).await?;
    link_files(c, new.id, &files).await?;
    copy::given(c, old.id, new.id).await?;
    let copied = copy::artifacts(c, kept).await?;
    copy::steps(c, new.id, kept, &copied).await?;
    copy::calls(c, kept).await?;
    Ok(copied)
}

/// The events of the new task: what it is, what it takes over, what it owes.
async fn begin(
    c: &mut AsyncPgConnection,
    id: TaskId,
    kept: &Kept,
    copied: &[Copied],
) -> DbResult<crate::Notice> {
    let mut task = locked::lock(c, id).await?.ok_or(DbError::Fenced)?;
    let row = row::read(c, id).await?;
    task.tell(Event::TaskCreated {
        title: row.title.clone(),
        task_type: row.task_type,
        status: TaskStatus::Pending,
        priority: row.priority,
        template_id: row.template_id.map(Into::into),
        retry_of: row.retry_of.map(Into::into),
        clone_of: None,
    });
    let planned = copy::planned(c, id).await?;
    task.tell(Event::PlanCreated { source: task.plan.source, steps: planned });
    copy::artifacts_and_events(c, &mut task, kept, copied).await?;
    if kept.any() {
        task.tell(task.progress_event());
    }
    open_first(c, &mut task).await?;
    if !Graph::load(c, &task).await?.is_closed() {
        return task.save(c).await;
    }
    // Everything was done when the old one was cancelled. A pending task cannot complete, so it runs first.
    task.start();
    task.save(c).await?;
    let mut task = locked::lock(c, id).await?.ok_or(DbError::Fenced)?;
    crate::steps::go_on(c, &mut task).await?;
    task.save(c).await
}
