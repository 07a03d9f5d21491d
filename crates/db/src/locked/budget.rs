use chrono::TimeDelta;
use ninja_types::{Budget, Event, Failure, FailureCode, Limit, UserId};
use serde_json::{Value, json};

use super::Locked;
use crate::DbResult;

/// A limit that does not suffice for what is asked.
#[derive(Clone, Debug)]
pub(crate) struct Spent {
    pub(crate) limit: Limit,
    used: Value,
    asked: Value,
    max: Value,
}

impl Spent {
    pub(crate) fn event(&self) -> Event {
        let (used, asked, max) = (self.used.clone(), self.asked.clone(), self.max.clone());
        Event::BudgetExhausted { limit: self.limit, used, asked, max }
    }

    /// What the step fails with, if it is not to wait.
    pub(crate) fn failure(&self) -> Failure {
        over(self.limit, json!({ "used": self.used, "max": self.max }))
    }
}

/// A step that could not go on within its task's budget.
pub(crate) fn over(limit: Limit, mut data: Value) -> Failure {
    data["limit"] = json!(limit);
    let message = format!(
        "The task used up its `{limit}`. Retry it with a larger `budget.{limit}`: what is done is taken over."
    );
    Failure::new(FailureCode::BudgetExceeded, message).with(data)
}

impl Locked {
    /// How long the task has been running. Pauses and waits do not count.
    pub(crate) fn ran(&self) -> TimeDelta {
        self.meter.ran(self.now)
    }

    /// The wall time is used up.
    pub(crate) fn wall_spent(&self) -> Option<Spent> {
        let (ran, max) = (self.ran().num_seconds(), self.budget.max_wall_seconds);
        let spent = ran >= max.into();
        let limit = Limit::WallSeconds;
        spent.then(|| Spent { limit, used: json!(ran), asked: json!(1), max: json!(max) })
    }

    /// One more call is one too many.
    pub(crate) fn calls_spent(&self) -> Option<Spent> {
        let (calls, max) = (self.meter.calls, self.budget.max_calls);
        let limit = Limit::Calls;
        (calls >= max).then(|| Spent {
            limit,
            used: json!(calls),
            asked: json!(1),
            max: json!(max),
        })
    }

    /// Whether `limit` leaves room.
    pub(crate) fn fits(&self, limit: Limit) -> bool {
        match limit {
            Limit::WallSeconds => self.wall_spent().is_none(),
            Limit::Calls => self.calls_spent().is_none(),
            // Nothing asks a model, so nothing waits for these.
            Limit::Cost | Limit::Tokens => true,
        }
    }

    /// One more call was begun.
    pub(crate) fn count_call(&mut self) {
        self.meter.calls += 1;
    }

    /// `by` gave it a larger budget.
    pub(crate) fn set_budget(&mut self, budget: Budget, by: UserId) -> DbResult<()> {
        self.budget = budget;
        self.change.budget = Some(serde_json::to_value(budget)?);
        let Budget { max_cost_usd, max_tokens, max_wall_seconds, max_calls, .. } = budget;
        self.tell(Event::BudgetChanged {
            max_cost_usd,
            max_tokens,
            max_wall_seconds,
            max_calls,
            by,
        });
        Ok(())
    }
}
