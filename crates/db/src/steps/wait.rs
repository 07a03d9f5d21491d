//! A step that waits: it keeps no worker and no slot, and its job is held.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Event, Limit, OnExceeded, RetryReason, StepId, TaskStatus, WaitReason};
use uuid::Uuid;

use super::advance::Graph;
use super::end;
use crate::budgets::{self, Caps};
use crate::jobs::{self, GiveBack};
use crate::locked::{Locked, Spent};
use crate::schema::steps;
use crate::{DbError, DbResult, Lease, Settled};

/// The running step of `lease` needs more than its task's budget: it waits for more, or fails, as the task says. The
/// task is locked, the lease holds.
pub(crate) async fn for_budget(
    c: &mut AsyncPgConnection,
    mut task: Locked,
    lease: &Lease,
    spent: &Spent,
    patience: Duration,
) -> DbResult<Settled> {
    task.tell(spent.event());
    if task.budget.on_exceeded == OnExceeded::Fail && !spent.passes {
        return end::fail(c, task, lease, &spent.failure(), None).await;
    }
    let until = task.now + TimeDelta::from_std(patience).map_err(DbError::stored)?;
    jobs::hold_leased(c, lease).await?;
    diesel::update(steps::table.find(lease.subject))
        .filter(steps::status.eq("running"))
        .set((
            steps::status.eq("waiting"),
            steps::worker_id.eq(None::<Uuid>),
            steps::wait_reason.eq(WaitReason::Budget.as_str()),
            steps::wait_limit.eq(spent.limit.as_str()),
            steps::wait_amount.eq(spent.amount),
            steps::waiting_since.eq(task.now),
            steps::wait_until.eq(until),
        ))
        .execute(c)
        .await?;
    let (step_id, reason) = (StepId(lease.subject), WaitReason::Budget);
    task.tell(Event::StepWaiting { step_id, reason, approval_id: None });
    let graph = Graph::load(c, &task).await?;
    rest(c, &mut task, &graph).await?;
    let notice = task.save(c).await?;
    Ok(Settled::of(lease, notice))
}

/// A running task of which every open step waits, or hangs on one that does, waits itself.
pub(crate) async fn rest(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    graph: &Graph,
) -> DbResult<()> {
    if task.status != TaskStatus::Running || !graph.only_waits() {
        return Ok(());
    }
    let first: (Option<String>, Option<DateTime<Utc>>) = steps::table
        .filter(steps::task_id.eq(task.id.0).and(steps::status.eq("waiting")))
        .order(steps::wait_until)
        .select((steps::wait_reason, steps::wait_until))
        .first(c)
        .await?;
    let (Some(reason), Some(until)) = first else {
        return Err(DbError::stored("a step that waits for nothing"));
    };
    task.wait(reason.parse()?, until);
    Ok(())
}

/// Wakes the steps that wait for a limit which leaves room now, and with them the task. Their jobs are due, or held on
/// while the task is paused. `caps`: limits that are not the task's own are asked, too. Answers how many steps woke.
pub(crate) async fn wake_for_budget(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    caps: Option<&Caps>,
) -> DbResult<usize> {
    let waiting: Vec<(Uuid, Option<String>, Option<i64>)> = steps::table
        .filter(steps::task_id.eq(task.id.0).and(steps::status.eq("waiting")))
        .filter(steps::wait_reason.eq(WaitReason::Budget.as_str()))
        .order(steps::step_number)
        .select((steps::id, steps::wait_limit, steps::wait_amount))
        .load(c)
        .await?;
    let mut woken = Vec::new();
    for (step, limit, amount) in waiting {
        let limit: Option<Limit> = limit.map(|word| word.parse()).transpose()?;
        if fits(c, task, (limit, amount.unwrap_or(0)), caps).await? {
            woken.push(step);
        }
    }
    let count = woken.len();
    if count == 0 {
        return Ok(0);
    }
    let rows: Vec<(Uuid, i32, i64)> = diesel::update(steps::table.filter(steps::id.eq_any(woken)))
        .set((steps::status.eq("ready"), no_wait()))
        .returning((steps::id, steps::attempt, steps::epoch))
        .get_results(c)
        .await?;
    for (step, attempt, epoch) in rows {
        task.tell(Event::StepRetried {
            step_id: StepId(step),
            attempt,
            epoch,
            reason: RetryReason::Answered,
            code: None,
            not_before: None,
        });
    }
    if task.status == TaskStatus::Waiting {
        task.resume();
    }
    if task.status == TaskStatus::Running {
        jobs::let_go(c, task).await?;
    }
    Ok(count)
}

async fn fits(
    c: &mut AsyncPgConnection,
    task: &Locked,
    (limit, amount): (Option<Limit>, i64),
    caps: Option<&Caps>,
) -> DbResult<bool> {
    match (limit, caps) {
        (None, _) => Ok(true),
        (Some(limit), Some(caps)) if !limit.is_of_task() => {
            budgets::has_room(c, task, limit, amount, caps).await
        }
        (Some(limit), _) => Ok(task.fits(limit, amount)),
    }
}

/// What a call or a claim finds before it may begin. `Err`: the attempt was settled instead.
pub(crate) async fn may_go_on(
    c: &mut AsyncPgConnection,
    task: Locked,
    lease: &Lease,
    new_call: bool,
    patience: Duration,
) -> DbResult<Result<Locked, Settled>> {
    match task.status {
        TaskStatus::Cancelling => return end::cancel_running(c, task, lease).await.map(Err),
        TaskStatus::Paused => {
            return jobs::give_back_locked(c, task, lease, GiveBack::Pause).await.map(Err);
        }
        _ => {}
    }
    let spent = task.wall_spent().or_else(|| task.calls_spent().filter(|_| new_call));
    match spent {
        Some(spent) => for_budget(c, task, lease, &spent, patience).await.map(Err),
        None => Ok(Ok(task)),
    }
}

type NoWait = (
    diesel::dsl::Eq<steps::wait_reason, Option<&'static str>>,
    diesel::dsl::Eq<steps::wait_limit, Option<&'static str>>,
    diesel::dsl::Eq<steps::wait_amount, Option<i64>>,
    diesel::dsl::Eq<steps::waiting_since, Option<DateTime<Utc>>>,
    diesel::dsl::Eq<steps::wait_until, Option<DateTime<Utc>>>,
);

/// What every change from `waiting` to another status sets.
pub(crate) fn no_wait() -> NoWait {
    (
        steps::wait_reason.eq(None),
        steps::wait_limit.eq(None),
        steps::wait_amount.eq(None),
        steps::waiting_since.eq(None),
        steps::wait_until.eq(None),
    )
}
