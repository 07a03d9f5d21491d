//! The task row under its lock, with what this transaction wants to change of it.
//!
//! Whoever changes anything of a task takes it from [`lock`], notes changes and events on it, and ends with
//! [`Locked::save`]: one UPDATE and one INSERT, whatever happened in between. Its course (pause, wait, resume) and its
//! budget stand in `locked/`.

mod budget;
mod course;
mod meter;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{
    Budget, Event, Failure, Priority, StepId, TaskId, TaskResult, TaskStatus, Usage, UserId,
};
use serde_json::Value;
use uuid::Uuid;

use crate::budgets::Reserved;
use crate::schema::{jobs, tasks};
use crate::tasks::PlanState;
use crate::{DbError, DbResult, Lease, Notice, Owner, events};

use meter::Meter;

pub(crate) use budget::{Spent, over};

/// A task whose row this transaction has locked. Queries that need the lock take it as their proof.
pub(crate) struct Locked {
    pub(crate) id: TaskId,
    pub(crate) user: UserId,
    pub(crate) status: TaskStatus,
    pub(crate) priority: Priority,
    pub(crate) usage: Usage,
    pub(crate) plan: PlanState,
    pub(crate) budget: Budget,
    pub(crate) cancel_by: Option<UserId>,
    /// PostgreSQL's time at the begin of the transaction.
    pub(crate) now: DateTime<Utc>,
    meter: Meter,
    /// For calls of models that are under way.
    reserved: Reserved,
    last_seq: i64,
    events: Vec<Event>,
    change: Change,
}

#[derive(Default, AsChangeset)]
#[diesel(table_name = tasks)]
struct Change {
    status: Option<&'static str>,
    plan: Option<Value>,
    budget: Option<Value>,
    usage: Option<Value>,
    meter: Option<Value>,
    reserved: Option<i64>,
    reserved_tokens: Option<i64>,
    #[diesel(treat_none_as_null = true)]
    waiting: Option<Value>,
    result: Option<Value>,
    error: Option<Value>,
    cancel_by: Option<Uuid>,
    cancelling_at: Option<DateTime<Utc>>,
    stalled_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    last_seq: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tasks)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    status: String,
    priority: String,
    usage: Value,
    plan: Value,
    budget: Value,
    cancel_by: Option<Uuid>,
    started_at: Option<DateTime<Utc>>,
    meter: Value,
    reserved: i64,
    reserved_tokens: i64,
    waiting: Option<Value>,
    last_seq: i64,
}

/// Locks the task, or answers `None` where it is gone.
pub(crate) async fn lock(c: &mut AsyncPgConnection, task: TaskId) -> DbResult<Option<Locked>> {
    lock_of(c, Owner::Anyone, task).await
}

/// Locks the task if `owner` may reach it.
pub(crate) async fn lock_of(
    c: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
) -> DbResult<Option<Locked>> {
    let row: Option<(Row, DateTime<Utc>)> = tasks::table
        .find(task.0)
        .select((Row::as_select(), diesel::dsl::sql::<Timestamptz>("now()")))
        .for_no_key_update()
        .get_result(c)
        .await
        .optional()?;
    let locked = row.map(Locked::from_row).transpose()?;
    Ok(locked.filter(|task| owner.id().is_none_or(|user| user == task.user.0)))
}

/// The fence: answers `Fenced` unless `lease` still holds its job. Its task is locked already.
pub(crate) async fn fence(c: &mut AsyncPgConnection, lease: &Lease) -> DbResult<()> {
    jobs::table
        .find(lease.job.0)
        .filter(jobs::epoch.eq(lease.epoch))
        .filter(jobs::worker_id.eq(lease.worker.0))
        .filter(jobs::state.eq("leased"))
        .select(jobs::id)
        .for_update()
        .get_result::<Uuid>(c)
        .await
        .optional()?
        .map(|_held| ())
        .ok_or(DbError::Fenced)
}

/// Locks the task of a lease and checks the fence: the head of every transaction that writes for a step.
pub(crate) async fn lock_fenced(c: &mut AsyncPgConnection, lease: &Lease) -> DbResult<Locked> {
    let task = lock(c, lease.task).await?.ok_or(DbError::Fenced)?;
    fence(c, lease).await?;
    Ok(task)
}

impl Locked {
    fn from_row((row, now): (Row, DateTime<Utc>)) -> DbResult<Self> {
        let status: TaskStatus = row.status.parse()?;
        let mut meter: Meter = serde_json::from_value(row.meter)?;
        if let (TaskStatus::Running, Some(begun)) = (status, row.started_at) {
            meter.run(begun); // nothing new, unless an older binary began it
        }
        Ok(Self {
            id: TaskId(row.id),
            user: UserId(row.user_id),
            status,
            priority: row.priority.parse()?,
            usage: serde_json::from_value(row.usage)?,
            plan: serde_json::from_value(row.plan)?,
            cancel_by: row.cancel_by.map(UserId),
            now,
            budget: serde_json::from_value(row.budget)?,
            meter,
            reserved: Reserved { cost: row.reserved, tokens: row.reserved_tokens, day: None },
            last_seq: row.last_seq,
            events: Vec::new(),
            change: Change { waiting: row.waiting, ..Change::default() },
        })
    }

    /// Notes an event; it gets its number when the task is saved.
    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The first step was claimed.
    pub(crate) fn start(&mut self) {
        self.become_(TaskStatus::Running);
        self.change.started_at = Some(self.now);
        self.tell(Event::TaskStarted { status: TaskStatus::Running });
    }

    /// A step completed and its usage counts. What models took for it was paid when they answered.
    pub(crate) fn count_completed(&mut self, required: bool, usage: Usage) {
        self.plan.steps_completed += 1;
        self.plan.required_completed += i32::from(required);
        let Usage { tool_calls, wall_seconds, .. } = usage;
        self.usage = self.usage.plus(Usage { tool_calls, wall_seconds, ..Usage::default() });
    }

    /// A step failed.
    pub(crate) fn count_failed(&mut self) {
        self.plan.steps_failed += 1;
    }

    /// How far it is; at 100 per cent only once it is completed.
    pub(crate) fn progress_event(&self) -> Event {
        let (progress, plan) = (self.plan.progress(), &self.plan);
        let (steps_completed, steps_total) = (plan.steps_completed, plan.steps_total);
        Event::TaskProgress { progress, steps_completed, steps_total }
    }

    /// Cancelling, asked by `by`: ends when the last leased job is gone.
    pub(crate) fn begin_cancelling(&mut self, by: UserId) {
        self.become_(TaskStatus::Cancelling);
        self.cancel_by = Some(by);
        self.change.cancel_by = Some(by.0);
        self.change.cancelling_at = Some(self.now);
        self.tell(Event::TaskCancelling { by });
    }

    /// The task is stuck, and says so once an hour at most.
    pub(crate) fn stall(&mut self, reasons: Vec<ninja_types::StallReason>) {
        self.change.stalled_at = Some(self.now);
        self.tell(Event::TaskStalled { reasons });
    }

    /// Ends the task as completed. Its jobs are gone already.
    pub(crate) fn complete(&mut self, result: TaskResult) -> DbResult<()> {
        self.change.result = Some(serde_json::to_value(&result)?);
        self.close(TaskStatus::Completed);
        let usage = self.usage;
        self.tell(Event::TaskCompleted { status: TaskStatus::Completed, result, usage });
        Ok(())
    }

    /// Ends the task as failed.
    pub(crate) fn fail(&mut self, failure: &Failure, step: Option<StepId>) -> DbResult<()> {
        let mut error = serde_json::to_value(failure)?;
        if let Some(fields) = error.as_object_mut() {
            fields.insert("step_id".into(), serde_json::to_value(step)?);
        }
        self.change.error = Some(error.clone());
        self.close(TaskStatus::Failed);
        let usage = self.usage;
        self.tell(Event::TaskFailed { status: TaskStatus::Failed, error, usage });
        Ok(())
    }

    /// Ends the task as cancelled.
    pub(crate) fn cancel(&mut self, by: UserId) {
        self.change.cancel_by = Some(by.0);
        self.close(TaskStatus::Cancelled);
        let usage = self.usage;
        self.tell(Event::TaskCancelled { status: TaskStatus::Cancelled, by, usage });
    }

    fn close(&mut self, status: TaskStatus) {
        self.become_(status);
        self.change.completed_at = Some(self.now);
        self.usage.wall_seconds = u64::try_from(self.ran().num_seconds()).unwrap_or(0);
    }

    fn become_(&mut self, status: TaskStatus) {
        self.change.waiting = None;
        self.count_time(status);
        self.status = status;
        self.change.status = Some(status.as_str());
    }

    /// Writes the changes and the events. The last statement on the task in its transaction.
    pub(crate) async fn save(mut self, c: &mut AsyncPgConnection) -> DbResult<Notice> {
        let first = self.last_seq + 1;
        self.last_seq += i64::try_from(self.events.len()).unwrap_or(0);
        self.change.last_seq = Some(self.last_seq);
        self.change.updated_at = Some(self.now);
        self.change.plan = Some(serde_json::to_value(&self.plan)?);
        self.change.usage = Some(serde_json::to_value(self.usage)?);
        self.change.meter = Some(serde_json::to_value(self.meter)?);
        self.change.reserved = Some(self.reserved.cost);
        self.change.reserved_tokens = Some(self.reserved.tokens);
        diesel::update(tasks::table.find(self.id.0)).set(&self.change).execute(c).await?;
        events::insert(c, self.id, first, &self.events).await?;
        Ok(Notice { task: self.id, user: self.user, seq: self.last_seq })
    }
}
