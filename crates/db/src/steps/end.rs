//! The bad ends of a step, and what they mean for its task.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Event, Failure, StepId, StepStatus, TaskStatus, UserId};
use uuid::Uuid;

use super::advance::{self, Graph};
use super::{finish, wait};
use crate::calls;
use crate::locked::Locked;
use crate::schema::{jobs, steps};
use crate::{DbResult, Lease, Notice, Settled};

/// Keep the job as dead, for a person to look at.
pub(crate) struct Park;

/// Fails the running step of `lease`. The task is locked, the lease holds.
pub(crate) async fn fail(
    c: &mut AsyncPgConnection,
    mut task: Locked,
    lease: &Lease,
    failure: &Failure,
    park: Option<Park>,
) -> DbResult<Settled> {
    let required = fail_row(c, &mut task, (lease.subject, StepStatus::Running), failure).await?;
    match park {
        None => drop_job(c, lease).await?,
        Some(Park) => park_job(c, &task, lease, serde_json::to_value(failure)?).await?,
    }
    if !required {
        return finish::go_on(c, task, lease, None).await;
    }
    close_open_steps(c, &mut task, Some(lease.subject)).await?;
    task.fail(failure, Some(StepId(lease.subject)))?;
    save_closed(c, task, lease).await
}

/// Fails a step that waited too long, and with it its task, unless it can go on without. The task is locked.
pub(crate) async fn fail_waiting(
    c: &mut AsyncPgConnection,
    mut task: Locked,
    step: Uuid,
    failure: &Failure,
) -> DbResult<Notice> {
    let required = fail_row(c, &mut task, (step, StepStatus::Waiting), failure).await?;
    diesel::delete(jobs::table.filter(jobs::subject_id.eq(step).and(jobs::state.ne("dead"))))
        .execute(c)
        .await?;
    if required {
        close_open_steps(c, &mut task, Some(step)).await?;
        task.fail(failure, Some(StepId(step)))?;
    } else {
        advance::go_on(c, &mut task).await?;
    }
    task.save(c).await
}

/// The row and the event; answers whether the task needs the step.
async fn fail_row(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    (step, was): (Uuid, StepStatus),
    failure: &Failure,
) -> DbResult<bool> {
    calls::charge_open(c, task, &[step]).await?;
    let (step_number, required) = diesel::update(steps::table.find(step))
        .filter(steps::status.eq(was.as_str()))
        .set((
            steps::status.eq("failed"),
            steps::error.eq(serde_json::to_value(failure)?),
            steps::completed_at.eq(task.now),
            wait::no_wait(),
        ))
        .returning((steps::step_number, steps::required))
        .get_result(c)
        .await?;
    task.count_failed();
    let (step_id, error) = (StepId(step), failure.clone());
    task.tell(Event::StepFailed { step_id, step_number, required, error });
    Ok(required)
}

/// Cancels the running step of `lease`; its task is being cancelled and ends with its last leased job.
pub(crate) async fn cancel_running(
    c: &mut AsyncPgConnection,
    mut task: Locked,
    lease: &Lease,
) -> DbResult<Settled> {
    calls::charge_open(c, &mut task, &[lease.subject]).await?;
    let step_number: i32 = diesel::update(steps::table.find(lease.subject))
        .filter(steps::status.eq("running"))
        .set((steps::status.eq("cancelled"), steps::completed_at.eq(task.now)))
        .returning(steps::step_number)
        .get_result(c)
        .await?;
    drop_job(c, lease).await?;
    task.tell(Event::StepCancelled { step_id: StepId(lease.subject), step_number });
    close_cancelled_if_idle(c, &mut task).await?;
    save_closed(c, task, lease).await
}

/// Ends a task that is being cancelled once none of its jobs is leased.
pub(crate) async fn close_cancelled_if_idle(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
) -> DbResult<()> {
    if leased_jobs(c, task).await? == 0 {
        close_open_steps(c, task, None).await?;
        let by = task.cancel_by.unwrap_or(task.user);
        task.cancel(by);
    }
    Ok(())
}

/// Jobs of the task that a worker holds.
pub(crate) async fn leased_jobs(c: &mut AsyncPgConnection, task: &Locked) -> DbResult<i64> {
    let held = jobs::table
        .inner_join(steps::table.on(steps::id.eq(jobs::subject_id)))
        .filter(steps::task_id.eq(task.id.0).and(jobs::state.eq("leased")))
        .count()
        .get_result(c)
        .await?;
    Ok(held)
}

/// Ends a task now, whoever holds its jobs: they are deleted, and that fences their owners.
pub(crate) async fn cancel_now(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    by: UserId,
) -> DbResult<()> {
    close_open_steps(c, task, None).await?;
    task.cancel(by);
    Ok(())
}

/// Closes the steps that no worker holds, and deletes their jobs: the first half of a cancel.
pub(crate) async fn close_idle_steps(c: &mut AsyncPgConnection, task: &mut Locked) -> DbResult<()> {
    close_steps(c, task, None, false).await
}

/// Closes every open step and deletes its job: steps that hang on `failed` are skipped, the others cancelled.
async fn close_open_steps(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    failed: Option<Uuid>,
) -> DbResult<()> {
    close_steps(c, task, failed, true).await
}

async fn close_steps(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    failed: Option<Uuid>,
    running_too: bool,
) -> DbResult<()> {
    let graph = Graph::load(c, task).await?;
    let (mut skipped, mut cancelled) = (Vec::new(), Vec::new());
    for node in graph.0.iter().filter(|node| !node.status.is_terminal()) {
        let (step_id, step_number) = (StepId(node.id), node.number);
        if node.status == StepStatus::Running && !running_too {
            continue;
        }
        let hangs = failed.is_some_and(|failed| graph.hangs_on(node, failed));
        if hangs && node.status != StepStatus::Running {
            skipped.push(node.id);
            let reason = "dependency_failed".to_owned();
            task.tell(Event::StepSkipped { step_id, step_number, reason });
        } else {
            cancelled.push(node.id);
            task.tell(Event::StepCancelled { step_id, step_number });
        }
    }
    let all: Vec<Uuid> = skipped.iter().chain(&cancelled).copied().collect();
    if all.is_empty() {
        return Ok(());
    }
    calls::charge_open(c, task, &all).await?;
    diesel::delete(jobs::table.filter(jobs::subject_id.eq_any(&all).and(jobs::state.ne("dead"))))
        .execute(c)
        .await?;
    for (ids, status) in [(skipped, "skipped"), (cancelled, "cancelled")] {
        diesel::update(steps::table.filter(steps::id.eq_any(ids)))
            .set((steps::status.eq(status), steps::completed_at.eq(task.now), wait::no_wait()))
            .execute(c)
            .await?;
    }
    Ok(())
}

async fn drop_job(c: &mut AsyncPgConnection, lease: &Lease) -> DbResult<()> {
    diesel::delete(jobs::table.find(lease.job.0)).execute(c).await?;
    Ok(())
}

async fn park_job(
    c: &mut AsyncPgConnection,
    task: &Locked,
    lease: &Lease,
    error: serde_json::Value,
) -> DbResult<()> {
    diesel::update(jobs::table.find(lease.job.0))
        .set((
            jobs::state.eq("dead"),
            jobs::worker_id.eq(None::<Uuid>),
            jobs::error.eq(error),
            jobs::parked_at.eq(task.now),
        ))
        .execute(c)
        .await?;
    Ok(())
}

async fn save_closed(c: &mut AsyncPgConnection, task: Locked, lease: &Lease) -> DbResult<Settled> {
    let closed = task.status.is_terminal().then_some(task.status);
    debug_assert!(closed.is_some() || task.status == TaskStatus::Cancelling);
    let notice = task.save(c).await?;
    Ok(Settled { closed, ..Settled::of(lease, notice) })
}
