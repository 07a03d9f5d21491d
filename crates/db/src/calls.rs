//! The journal: what a step asked models and tools, and what they answered. What they may cost and did: `calls/pay.rs`.

mod pay;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{
    CallKind, CallState, Effect, Event, ModelErrorClass, RetryReason, StepId, Usage, Usd,
};
use serde_json::Value;

use crate::budgets::{self, Amount, Caps, Reserved, WorstCase};
use crate::locked::{self, Locked};
use crate::schema::step_calls;
use crate::steps::wait;
use crate::{DbError, DbResult, Lease, Notice, Settled};

pub(crate) use pay::{charge_open, paid};
pub use pay::{extend, release};

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
    /// What a model may cost; `None` for a tool.
    pub reserve: Option<WorstCase>,
}

/// On which terms calls may begin.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long a step that is refused for a budget waits at most.
    pub patience: Duration,
    /// What models may cost besides the task's own budget.
    pub caps: Caps,
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
    /// Which model answered, where one did.
    pub model: Option<AskedModel>,
}

/// Who answered a call of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedModel {
    /// The provider's name.
    pub provider: String,
    /// As the provider calls it.
    pub model: String,
    /// Hash of the price that was taken.
    pub price_version: String,
    /// Who was asked before, in vain.
    pub fallbacks: Vec<Fallback>,
}

/// One model took over from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// `provider/model` that gave no answer.
    pub from: String,
    /// `provider/model` that was asked next.
    pub to: String,
    /// How the first one failed.
    pub class: ModelErrorClass,
}

/// Whether a call may begin.
#[derive(Debug)]
pub enum Begun {
    /// Its intent is stored: it may, and this is reserved for it.
    Now(Notice, Amount),
    /// It may not: the task is paused, being cancelled, or at the end of its budget. The same transaction has settled the
    /// attempt: nothing more is to be written for it.
    Over(Box<Settled>),
}

/// Commits that a call is about to happen and reserves what it may cost, before it does, or refuses it. A step that is
/// refused for a budget waits, or fails, as its task says.
pub async fn intend(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call: &NewCall,
    terms: &Terms,
) -> DbResult<Begun> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        let mut task = match wait::may_go_on(c, task, lease, true, terms.patience).await? {
            Ok(task) => task,
            Err(settled) => return Ok(Begun::Over(Box::new(settled))),
        };
        let reserved = match pay::reserve(c, &mut task, call.reserve.as_ref(), terms).await? {
            Ok(reserved) => reserved,
            Err(spent) => {
                let settled = wait::for_budget(c, task, lease, &spent, terms.patience).await?;
                return Ok(Begun::Over(Box::new(settled)));
            }
        };
        insert(c, &task, lease, call, (reserved.into(), None)).await?;
        task.count_call();
        task.tell(started(lease, call, reserved.amount.cost));
        task.save(c).await.map(|notice| Begun::Now(notice, reserved.amount))
    })
}

/// A call that an earlier attempt began and never saw answered is made again, unless it is refused as a new one is. It
/// counts once; what was reserved for it is charged, for nobody knows what it cost.
pub async fn repeat(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    (call_no, reserve): (i32, Option<&WorstCase>),
    terms: &Terms,
) -> DbResult<Begun> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        let mut task = match wait::may_go_on(c, task, lease, false, terms.patience).await? {
            Ok(task) => task,
            Err(settled) => return Ok(Begun::Over(Box::new(settled))),
        };
        charge_open(c, &mut task, &[lease.subject]).await?;
        let reserved = match pay::reserve(c, &mut task, reserve, terms).await? {
            Ok(reserved) => reserved,
            Err(spent) => {
                let settled = wait::for_budget(c, task, lease, &spent, terms.patience).await?;
                return Ok(Begun::Over(Box::new(settled)));
            }
        };
        diesel::update(step_calls::table)
            .filter(step_calls::step_id.eq(lease.subject).and(step_calls::call_no.eq(call_no)))
            .filter(step_calls::state.eq("intended"))
            .set((
                step_calls::epoch.eq(lease.epoch),
                step_calls::started_at.eq(task.now),
                pay::columns(reserved.into()),
            ))
            .execute(c)
            .await?;
        task.tell(Event::CallRepeated {
            step_id: StepId(lease.subject),
            call_no,
            epoch: lease.epoch,
            reason: RetryReason::Takeover,
        });
        task.save(c).await.map(|notice| Begun::Now(notice, reserved.amount))
    })
}

/// Stores the answer of an intended call, and pays for it out of what was reserved. Nothing acts on it before this has
/// committed.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call_no: i32,
    answer: &CallAnswer,
) -> DbResult<Notice> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        let open = pay::Open::of(c, lease.subject, call_no).await?;
        budgets::settle(c, &mut task, open.reserved, answer.usage).await?;
        let paid = open.usage.plus(answer.usage);
        let (response, error) = parts(answer);
        let model = answer.model.as_ref();
        let fallback = model.and_then(|model| model.fallbacks.last());
        let (kind, name): (String, String) = diesel::update(step_calls::table.find(open.id))
            .set((
                step_calls::state.eq("done"),
                step_calls::response.eq(response),
                step_calls::error.eq(error),
                step_calls::usage.eq(serde_json::to_value(paid)?),
                step_calls::cost.eq(paid.cost_usd.micros()),
                step_calls::answered_at.eq(task.now),
                step_calls::provider.eq(model.map(|model| &model.provider)),
                step_calls::model.eq(model.map(|model| &model.model)),
                step_calls::price_version.eq(model.map(|model| &model.price_version)),
                step_calls::fallback_from.eq(fallback.map(|fallback| &fallback.from)),
                pay::columns(Reserved { day: open.reserved.day, ..Reserved::default() }),
            ))
            .returning((step_calls::kind, step_calls::name))
            .get_result(c)
            .await?;
        for fallback in model.iter().flat_map(|model| &model.fallbacks) {
            task.tell(Event::ModelFallback {
                step_id: StepId(lease.subject),
                call_no,
                from: fallback.from.clone(),
                to: fallback.to.clone(),
                class: fallback.class,
            });
        }
        let usage = (answer.duration, paid.cost_usd);
        task.tell(finished(lease, call_no, kind.parse()?, name, usage));
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
        budgets::settle(c, &mut task, Reserved::default(), answer.usage).await?;
        insert(c, &task, lease, call, (Reserved::default(), Some(answer))).await?;
        task.count_call();
        task.tell(started(lease, call, Usd::default()));
        let usage = (answer.duration, answer.usage.cost_usd);
        task.tell(finished(lease, call.call_no, call.kind, call.name.clone(), usage));
        task.save(c).await
    })
}

/// Replay left the stored history at `from`: that call asks for something else now. Later rows belong to the past.
pub async fn supersede(conn: &mut AsyncPgConnection, lease: &Lease, from: i32) -> DbResult<Notice> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        charge_open(c, &mut task, &[lease.subject]).await?;
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
    (reserved, answer): (Reserved, Option<&CallAnswer>),
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
            pay::columns(reserved),
        ))
        .execute(c)
        .await?;
    Ok(())
}

fn parts(answer: &CallAnswer) -> (Option<&Value>, Option<&Value>) {
    (answer.response.as_ref().ok(), answer.response.as_ref().err())
}

fn started(lease: &Lease, call: &NewCall, reserved_usd: Usd) -> Event {
    Event::CallStarted {
        step_id: StepId(lease.subject),
        call_no: call.call_no,
        epoch: lease.epoch,
        kind: call.kind,
        name: call.name.clone(),
        effect: call.effect,
        reserved_usd,
    }
}

fn finished(
    lease: &Lease,
    call_no: i32,
    kind: CallKind,
    name: String,
    (duration, cost_usd): (Duration, Usd),
) -> Event {
    Event::CallFinished {
        step_id: StepId(lease.subject),
        call_no,
        epoch: lease.epoch,
        kind,
        name,
        state: CallState::Done,
        duration_ms: i64::try_from(duration.as_millis()).unwrap_or(i64::MAX),
        cost_usd,
    }
}
