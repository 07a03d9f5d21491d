use chrono::TimeDelta;
use ninja_types::{Budget, Event, Failure, FailureCode, Limit, Usage, Usd, UserId};
use serde_json::{Value, json};

use super::Locked;
use crate::DbResult;
use crate::budgets::{Amount, Balance, Reserved, WorstCase};

/// A limit that does not suffice for what is asked.
#[derive(Clone, Debug)]
pub(crate) struct Spent {
    pub(crate) limit: Limit,
    used: Value,
    asked: Value,
    max: Value,
    /// Of money and tokens: how much is asked for at least.
    pub(crate) amount: Option<i64>,
    /// Calls that are under way hold what is missing: it may be free again soon.
    pub(crate) passes: bool,
}

impl Spent {
    /// A day or a month leaves less than `asked`.
    pub(crate) fn of_account(limit: Limit, balance: Balance, asked: Usd, max: Usd) -> Self {
        let used = Usd::from_micros(balance.spent.saturating_add(balance.reserved));
        Self {
            limit,
            used: json!(used),
            asked: json!(asked),
            max: json!(max),
            amount: Some(asked.micros()),
            passes: balance.spent.saturating_add(asked.micros()) <= max.micros(),
        }
    }

    fn of_counter(limit: Limit, used: Value, max: Value) -> Self {
        Self { limit, used, asked: json!(1), max, amount: None, passes: false }
    }

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
    let message = if limit.is_of_task() {
        format!(
            "The task used up its `{limit}`. Retry it with a larger `budget.{limit}`: what is done is taken over."
        )
    } else {
        format!(
            "`{limit}` is used up. Retry the task when it begins anew: what is done is taken over."
        )
    };
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
        spent.then(|| Spent::of_counter(Limit::WallSeconds, json!(ran), json!(max)))
    }

    /// One more call is one too many.
    pub(crate) fn calls_spent(&self) -> Option<Spent> {
        let (calls, max) = (self.meter.calls, self.budget.max_calls);
        (calls >= max).then(|| Spent::of_counter(Limit::Calls, json!(calls), json!(max)))
    }

    /// As much of `worst` as the task's own budget leaves.
    pub(crate) fn room(&self, worst: &WorstCase) -> Result<Amount, Spent> {
        let left = self.left();
        let Amount { cost, tokens } = worst.least;
        if left.cost < cost {
            let (paid, max) = (self.usage.cost_usd.micros(), self.budget.max_cost_usd);
            let balance = Balance { spent: paid, reserved: self.reserved.cost };
            return Err(Spent::of_account(Limit::Cost, balance, cost, max));
        }
        if left.tokens < tokens {
            let (used, max) = (self.tokens(), self.budget.max_tokens);
            let held = self.reserved.tokens.unsigned_abs();
            return Err(Spent {
                limit: Limit::Tokens,
                used: json!(used.saturating_add(held)),
                asked: json!(tokens),
                max: json!(max),
                amount: Some(i64::try_from(tokens).unwrap_or(i64::MAX)),
                passes: used.saturating_add(tokens) <= max,
            });
        }
        let (cost, tokens) = (worst.most.cost.min(left.cost), worst.most.tokens.min(left.tokens));
        Ok(Amount { cost, tokens })
    }

    fn left(&self) -> Amount {
        let (paid, max) = (self.usage.cost_usd.micros(), self.budget.max_cost_usd);
        let cost = Balance { spent: paid, reserved: self.reserved.cost }.left(max);
        let held = self.tokens().saturating_add(self.reserved.tokens.unsigned_abs());
        let tokens = self.budget.max_tokens.saturating_sub(held);
        Amount { cost: Usd::from_micros(cost), tokens }
    }

    fn tokens(&self) -> u64 {
        self.usage.input_tokens.saturating_add(self.usage.output_tokens)
    }

    /// Reserves `amount` for a call.
    pub(crate) fn promise(&mut self, amount: Amount) {
        self.reserved.cost = self.reserved.cost.saturating_add(amount.cost.micros());
        let tokens = i64::try_from(amount.tokens).unwrap_or(i64::MAX);
        self.reserved.tokens = self.reserved.tokens.saturating_add(tokens);
    }

    /// Frees what was `reserved` for a call, and counts what models took for it.
    pub(crate) fn pay(&mut self, reserved: Reserved, usage: Usage) {
        self.reserved.cost -= reserved.cost;
        self.reserved.tokens -= reserved.tokens;
        self.usage = self.usage.plus(Usage { tool_calls: 0, wall_seconds: 0, ..usage });
    }

    /// Whether anything is reserved.
    pub(crate) fn has_reserved(&self) -> bool {
        self.reserved.cost > 0 || self.reserved.tokens > 0
    }

    /// Whether `limit` of the task's own leaves room for `amount`.
    pub(crate) fn fits(&self, limit: Limit, amount: i64) -> bool {
        match limit {
            Limit::WallSeconds => self.wall_spent().is_none(),
            Limit::Calls => self.calls_spent().is_none(),
            Limit::Cost => self.left().cost.micros() >= amount,
            Limit::Tokens => self.left().tokens >= amount.unsigned_abs(),
            Limit::UserDay | Limit::InstallationDay | Limit::InstallationMonth => false,
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
