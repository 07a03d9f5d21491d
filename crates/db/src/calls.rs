//! The journal: what a step asked models and tools, and what they answered.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{CallKind, CallState, Effect, Event, RetryReason, StepId, Usage, Usd};
use serde_json::Value;

use crate::locked::{self, Locked};
use crate::schema::step_calls;
use crate::steps::wait;
use crate::{DbError, DbResult, Lease, Notice, Settled};

/// A call that is about to happen.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// From 1 in the step, in the order of issue.
    pub call_no: i32,
    /// Model or tool.
    pub kind: CallKind,
    /// Which.
    pub name: String,
    /// What a takeover may do with it.
    pub effect: Effect,
    /// Of name and arguments, canonical.
    pub request_hash: [u8; 32],
    /// The arguments, redacted.
    pub request: Value,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The answer, or the error.
    pub response: Result<Value, Value>,
    /// What it used up.
    pub usage: Usage,
    /// How long it took.
    pub duration: Duration,
}

/// Whether a call may begin.
#[derive(Debug)]
pub enum Begun {
    /// Its intent is stored: it may.
    Now(Notice),
    /// It may not: the task is paused, being cancelled, or at the end of its budget. The same transaction has settled the
    /// attempt: nothing more is to be written for it.
    Over(Box<Settled>),
}

/// Commits that a call is about to happen, before it does, or refuses it. A step that is refused for its task's budget
/// waits for `patience` at most.
pub async fn intend(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call: &NewCall,
    patience: Duration,
) -> DbResult<Begun> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        let mut task = match wait::may_go_on(c, task, lease, true, patience).await? {
            Ok(task) => task,
            Err(settled) => return Ok(Begun::Over(Box::new(settled))),
        };
        insert(c, &task, lease, call, None).await?;
        task.count_call();
        task.tell(started(lease, call));
        task.save(c).await.map(Begun::Now)
    })
}

/// A call that an earlier attempt began and never saw answered is made again, unless it is refused as a new one is. It
/// counts once.
pub async fn repeat(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call_no: i32,
    patience: Duration,
) -> DbResult<Begun> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        let mut task = match wait::may_go_on(c, task, lease, false, patience).await? {
            Ok(task) => task,
            Err(settled) => return Ok(Begun::Over(Box::new(settled))),
        };
        diesel::update(step_calls::table)
            .filter(step_calls::step_id.eq(lease.subject).and(step_calls::call_no.eq(call_no)))
            .filter(step_calls::state.eq("intended"))
            .set((step_calls::epoch.eq(lease.epoch), step_calls::started_at.eq(task.now)))
            .execute(c)
            .await?;
        task.tell(Event::CallRepeated {
            step_id: StepId(lease.subject),
            call_no,
            epoch: lease.epoch,
            reason: RetryReason::Takeover,
        });
        task.save(c).await.map(Begun::Now)
    })
}

/// Stores the answer of an intended call. Nothing acts on it before this has committed.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call_no: i32,
    answer: &CallAnswer,
) -> DbResult<Notice> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        let (response, error) = parts(answer);
        let (kind, name): (String, String) = diesel::update(step_calls::table)
            .filter(step_calls::step_id.eq(lease.subject).and(step_calls::call_no.eq(call_no)))
            .filter(step_calls::state.eq("intended"))
            .set((
                step_calls::state.eq("done"),
                step_calls::response.eq(response),
                step_calls::error.eq(error),
                step_calls::usage.eq(serde_json::to_value(answer.usage)?),
                step_calls::cost.eq(answer.usage.cost_usd.micros()),
                step_calls::answered_at.eq(task.now),
            ))
            .returning((step_calls::kind, step_calls::name))
            .get_result(c)
            .await?;
        task.tell(finished(lease, call_no, kind.parse()?, name, answer));
        task.save(c).await
    })
}

/// Stores a call that needed no intent, with its answer: tools that touch nothing outside the workspace.
pub async fn record(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call: &NewCall,
    answer: &CallAnswer,
) -> DbResult<Notice> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        insert(c, &task, lease, call, Some(answer)).await?;
        task.count_call();
        task.tell(started(lease, call));
        task.tell(finished(lease, call.call_no, call.kind, call.name.clone(), answer));
        task.save(c).await
    })
}

/// Replay left the stored history at `from`: that call asks for something else now. Later rows belong to the past.
pub async fn supersede(conn: &mut AsyncPgConnection, lease: &Lease, from: i32) -> DbResult<Notice> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        diesel::update(step_calls::table)
            .filter(step_calls::step_id.eq(lease.subject).and(step_calls::call_no.ge(from)))
            .set(step_calls::state.eq("superseded"))
            .execute(c)
            .await?;
        task.tell(Event::StepDiverged {
            step_id: StepId(lease.subject),
            call_no: from,
            epoch: lease.epoch,
        });
        task.save(c).await
    })
}

async fn insert(
    c: &mut AsyncPgConnection,
    task: &Locked,
    lease: &Lease,
    call: &NewCall,
    answer: Option<&CallAnswer>,
) -> DbResult<()> {
    let took = answer.map_or(Duration::ZERO, |answer| answer.duration);
    let started_at = task.now - TimeDelta::from_std(took).map_err(DbError::stored)?;
    let (response, error) = answer.map_or((None, None), parts);
    let state = if answer.is_some() { CallState::Done } else { CallState::Intended };
    let usage = answer.map_or_else(Usage::default, |answer| answer.usage);
    let answered_at: Option<DateTime<Utc>> = answer.map(|_| task.now);
    diesel::insert_into(step_calls::table)
        .values((
            step_calls::step_id.eq(lease.subject),
            step_calls::call_no.eq(call.call_no),
            step_calls::epoch.eq(lease.epoch),
            step_calls::kind.eq(call.kind.as_str()),
            step_calls::name.eq(&call.name),
            step_calls::effect.eq(call.effect.as_str()),
            step_calls::state.eq(state.as_str()),
            step_calls::request_hash.eq(call.request_hash.as_slice()),
            step_calls::request.eq(&call.request),
            step_calls::response.eq(response),
            step_calls::error.eq(error),
            step_calls::usage.eq(serde_json::to_value(usage)?),
            step_calls::cost.eq(usage.cost_usd.micros()),
            step_calls::started_at.eq(started_at),
            step_calls::answered_at.eq(answered_at),
        ))
        .execute(c)
        .await?;
    Ok(())
}

fn parts(answer: &CallAnswer) -> (Option<&Value>, Option<&Value>) {
    (answer.response.as_ref().ok(), answer.response.as_ref().err())
}

fn started(lease: &Lease, call: &NewCall) -> Event {
    Event::CallStarted {
        step_id: StepId(lease.subject),
        call_no: call.call_no,
        epoch: lease.epoch,
        kind: call.kind,
        name: call.name.clone(),
        effect: call.effect,
        reserved_usd: Usd::default(),
    }
}

fn finished(
    lease: &Lease,
    call_no: i32,
    kind: CallKind,
    name: String,
    answer: &CallAnswer,
) -> Event {
    Event::CallFinished {
        step_id: StepId(lease.subject),
        call_no,
        epoch: lease.epoch,
        kind,
        name,
        state: CallState::Done,
        duration_ms: i64::try_from(answer.duration.as_millis()).unwrap_or(i64::MAX),
        cost_usd: answer.usage.cost_usd,
    }
}
