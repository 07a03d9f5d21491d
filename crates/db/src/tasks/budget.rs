use diesel_async::AsyncPgConnection;
use ninja_types::{Budget, Limit, TaskId, TaskStatus, Usd, UserId};

use super::{Changed, TaskRow, row};
use crate::idempotency::{self, Answer, Once};
use crate::steps::wait;
use crate::{DbResult, Owner, Slots, locked, release};

/// What is to be added to a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raise {
    /// Price of all model calls.
    pub cost_usd: Usd,
    /// Tokens, read and written.
    pub tokens: u64,
    /// Seconds in `running`.
    pub wall_seconds: u32,
    /// Model and tool calls.
    pub calls: u32,
}

/// What became of a wish for a larger budget.
#[derive(Clone, Debug)]
pub enum Raised {
    /// It is larger, and what waited for it goes on.
    Done(Box<Changed>),
    /// Done before, by a request with the same key.
    Replayed(Answer),
    /// A task in this status needs none any more.
    Refused(TaskStatus),
    /// No task may have so much of these; the budget as it stands.
    TooMuch(Vec<Limit>, Budget),
}

/// Adds to the budget of an open task and wakes the steps that wait for it, with it the task. No task may have more than
/// `most_usd`. `None`: no such task of `owner`.
pub async fn raise_budget(
    conn: &mut AsyncPgConnection,
    (owner, task): (Owner, TaskId),
    by: UserId,
    (raise, most_usd): (&Raise, Usd),
    (slots, once): (&Slots, Option<&Once<TaskRow>>),
) -> DbResult<Option<Raised>> {
    transact!(conn, |c| {
        if let Some(answer) = idempotency::begin(c, once).await? {
            return Ok(Some(Raised::Replayed(answer)));
        }
        let Some(mut locked) = locked::lock_of(c, owner, task).await? else {
            idempotency::forget(c, once).await?;
            return Ok(None);
        };
        if locked.status.is_terminal() || locked.status == TaskStatus::Cancelling {
            idempotency::forget(c, once).await?;
            return Ok(Some(Raised::Refused(locked.status)));
        }
        let budget = match sum(locked.budget, raise, most_usd) {
            Ok(budget) => budget,
            Err(limits) => {
                idempotency::forget(c, once).await?;
                return Ok(Some(Raised::TooMuch(limits, locked.budget)));
            }
        };
        let user = locked.user;
        locked.set_budget(budget, by)?;
        wait::wake_for_budget(c, &mut locked, None).await?;
        let notice = locked.save(c).await?;
        let task = *row::read(c, task).await?;
        idempotency::finish(c, once, &task).await?;
        let pushes = release::within(c, user, slots).await?;
        Ok(Some(Raised::Done(Box::new(Changed { task, pushes, notice }))))
    })
}

/// The larger budget, or the limits that would be larger than any task's.
fn sum(old: Budget, raise: &Raise, most_usd: Usd) -> Result<Budget, Vec<Limit>> {
    let cost = old.max_cost_usd.micros().saturating_add(raise.cost_usd.micros());
    let new = Budget {
        max_cost_usd: Usd::from_micros(cost),
        max_tokens: old.max_tokens.saturating_add(raise.tokens),
        max_wall_seconds: old.max_wall_seconds.saturating_add(raise.wall_seconds),
        max_calls: old.max_calls.saturating_add(raise.calls),
        on_exceeded: old.on_exceeded,
    };
    // What is not raised is not judged: an older limit may be above today's.
    let too_much = [
        (Limit::Cost, raise.cost_usd > Usd::default() && new.max_cost_usd > most_usd),
        (Limit::Tokens, raise.tokens > 0 && new.max_tokens > Budget::MOST_TOKENS),
        (
            Limit::WallSeconds,
            raise.wall_seconds > 0 && new.max_wall_seconds > Budget::MOST_WALL_SECONDS,
        ),
        (Limit::Calls, raise.calls > 0 && new.max_calls > Budget::MOST_CALLS),
    ];
    let too_much: Vec<Limit> =
        too_much.into_iter().filter(|(_, too)| *too).map(|(limit, _)| limit).collect();
    if too_much.is_empty() { Ok(new) } else { Err(too_much) }
}
