use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::Usage;
use serde_json::Value;
use uuid::Uuid;

use super::{Begun, Terms};
use crate::budgets::{self, Amount, Reserved, WorstCase, day_of};
use crate::json::Json;
use crate::locked::{self, Locked, Spent};
use crate::schema::step_calls;
use crate::steps::wait;
use crate::{DbResult, Lease, Notice};

/// What is reserved for a call that is about to begin; nothing for a tool.
#[derive(Clone, Copy, Default)]
pub(super) struct Promise {
    pub(super) amount: Amount,
    day: Option<NaiveDate>,
}

impl From<Promise> for Reserved {
    fn from(promise: Promise) -> Self {
        promise.day.map_or_else(Self::default, |day| Self::of(promise.amount, day))
    }
}

/// A call that has no answer yet, with what it was charged so far.
pub(super) struct Open {
    pub(super) id: i64,
    pub(super) reserved: Reserved,
    pub(super) usage: Usage,
}

type OpenColumns = (i64, i64, i64, Option<NaiveDate>, Json<Usage>);

impl Open {
    /// The call under this number; an error where there is none.
    pub(super) async fn of(c: &mut AsyncPgConnection, step: Uuid, call_no: i32) -> DbResult<Self> {
        let row: OpenColumns = step_calls::table
            .filter(step_calls::step_id.eq(step).and(step_calls::call_no.eq(call_no)))
            .filter(step_calls::state.eq("intended"))
            .select(OPEN)
            .get_result(c)
            .await?;
        Ok(Self::from_row(row))
    }

    fn from_row((id, cost, tokens, day, Json(usage)): OpenColumns) -> Self {
        Self { id, reserved: Reserved { cost, tokens, day }, usage }
    }
}

const OPEN: (
    step_calls::id,
    step_calls::reserved,
    step_calls::reserved_tokens,
    step_calls::reserved_day,
    step_calls::usage,
) = (
    step_calls::id,
    step_calls::reserved,
    step_calls::reserved_tokens,
    step_calls::reserved_day,
    step_calls::usage,
);

type Columns = (
    diesel::dsl::Eq<step_calls::reserved, i64>,
    diesel::dsl::Eq<step_calls::reserved_tokens, i64>,
    diesel::dsl::Eq<step_calls::reserved_day, Option<NaiveDate>>,
);

/// What a reservation sets in the call's row.
pub(super) fn columns(reserved: Reserved) -> Columns {
    (
        step_calls::reserved.eq(reserved.cost),
        step_calls::reserved_tokens.eq(reserved.tokens),
        step_calls::reserved_day.eq(reserved.day),
    )
}

/// Reserves for a call that is about to begin, on today's account.
pub(super) async fn reserve(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    worst: Option<&WorstCase>,
    terms: &Terms,
) -> DbResult<Result<Promise, Spent>> {
    let Some(worst) = worst else { return Ok(Ok(Promise::default())) };
    let day = day_of(task.now);
    let granted = budgets::reserve(c, task, worst, day, &terms.caps).await?;
    Ok(granted.map(|amount| Promise { amount, day: Some(day) }))
}

/// Reserves more for a call that is under way: an attempt broke that must be paid for. Where there is no room the call is
/// given up and charged with all that was reserved, and its step waits or fails.
pub async fn extend(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    (call_no, more): (i32, &WorstCase),
    terms: &Terms,
) -> DbResult<Begun> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        let open = Open::of(c, lease.subject, call_no).await?;
        let day = open.reserved.day.unwrap_or_else(|| day_of(task.now));
        let granted = match budgets::reserve(c, &mut task, more, day, &terms.caps).await? {
            Ok(granted) => granted,
            Err(mut spent) => {
                charge_open(c, &mut task, &[lease.subject]).await?;
                spent.passes = false; // what this call held is spent now
                let settled = wait::for_budget(c, task, lease, &spent, terms.patience).await?;
                return Ok(Begun::Over(Box::new(settled)));
            }
        };
        let added = Reserved::of(granted, day);
        let reserved = Reserved {
            cost: open.reserved.cost.saturating_add(added.cost),
            tokens: open.reserved.tokens.saturating_add(added.tokens),
            day: Some(day),
        };
        diesel::update(step_calls::table.find(open.id)).set(columns(reserved)).execute(c).await?;
        task.save(c).await.map(|notice| Begun::Now(notice, granted))
    })
}

/// No answer came, and a later attempt may ask again: `usage` of what broke is charged, the rest is free. The call stays
/// without an answer.
pub async fn release(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    call_no: i32,
    usage: Usage,
) -> DbResult<Notice> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        let open = Open::of(c, lease.subject, call_no).await?;
        charge(c, &mut task, &open, usage).await?;
        task.save(c).await
    })
}

/// Charges what is reserved for calls of `steps` that nobody will answer any more, as an estimate. The task is locked.
pub(crate) async fn charge_open(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    steps: &[Uuid],
) -> DbResult<()> {
    if !task.has_reserved() {
        return Ok(());
    }
    let rows: Vec<OpenColumns> = step_calls::table
        .filter(step_calls::step_id.eq_any(steps))
        .filter(step_calls::reserved.gt(0).or(step_calls::reserved_tokens.gt(0)))
        .order(step_calls::id)
        .select(OPEN)
        .load(c)
        .await?;
    for open in rows.into_iter().map(Open::from_row) {
        let usage = open.reserved.as_usage();
        charge(c, task, &open, usage).await?;
    }
    Ok(())
}

async fn charge(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    open: &Open,
    usage: Usage,
) -> DbResult<()> {
    budgets::settle(c, task, open.reserved, usage).await?;
    let paid = open.usage.plus(usage);
    diesel::update(step_calls::table.find(open.id))
        .set((
            step_calls::usage.eq(serde_json::to_value(paid)?),
            step_calls::cost.eq(paid.cost_usd.micros()),
            columns(Reserved { day: open.reserved.day, ..Reserved::default() }),
        ))
        .execute(c)
        .await?;
    Ok(())
}

/// What models took for a step, broken and repeated calls included.
pub(crate) async fn paid(c: &mut AsyncPgConnection, step: Uuid) -> DbResult<Usage> {
    let rows: Vec<Value> = step_calls::table
        .filter(step_calls::step_id.eq(step).and(step_calls::kind.eq("model")))
        .select(step_calls::usage)
        .load(c)
        .await?;
    let mut sum = Usage::default();
    for usage in rows {
        sum = sum.plus(serde_json::from_value(usage)?);
    }
    Ok(sum)
}
