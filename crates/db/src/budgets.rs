//! What calls of models may cost: promised in the transaction that says that a call begins, paid in the one that stores
//! its answer. The task pays, the user's day and the installation count along: `budgets/account.rs`.

mod account;
mod wake;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Limit, Role, Usage, Usd, UserId};

use crate::DbResult;
use crate::locked::{Locked, Spent};
use crate::schema::users;

use account::Account;

pub(crate) use account::Balance;
pub(crate) use wake::has_room;
pub use wake::wake;

/// Money and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Money.
    pub cost: Usd,
    /// Tokens, read and written.
    pub tokens: u64,
}

/// What a call may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorstCase {
    /// At most: so much is reserved where there is room for it.
    pub most: Amount,
    /// With less than this the call is not worth making.
    pub least: Amount,
}

/// What models may cost besides a task's own budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// A day of role `user`.
    pub user: Usd,
    /// A day of role `premium`.
    pub premium: Usd,
    /// A day of role `admin`.
    pub admin: Usd,
    /// A day of the whole installation.
    pub installation_day: Option<Usd>,
    /// A month of the whole installation.
    pub installation_month: Option<Usd>,
}

impl Caps {
    /// Limits of the accounts, in the order in which they are locked.
    fn of(&self, role: Role) -> [(Limit, Option<Usd>); 3] {
        let user = match role {
            Role::User => self.user,
            Role::Premium => self.premium,
            Role::Admin => self.admin,
        };
        [
            (Limit::UserDay, Some(user)),
            (Limit::InstallationDay, self.installation_day),
            (Limit::InstallationMonth, self.installation_month),
        ]
    }
}

/// What is reserved for a call, and the day that pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reserved {
    pub(crate) cost: i64,
    pub(crate) tokens: i64,
    pub(crate) day: Option<NaiveDate>,
}

impl Reserved {
    pub(crate) fn of(amount: Amount, day: NaiveDate) -> Self {
        let tokens = i64::try_from(amount.tokens).unwrap_or(i64::MAX);
        Self { cost: amount.cost.micros(), tokens, day: Some(day) }
    }

    /// What is charged where nobody will ever know: all of it, as one call.
    pub(crate) fn as_usage(self) -> Usage {
        Usage {
            model_calls: 1,
            input_tokens: self.tokens.unsigned_abs(),
            cost_usd: Usd::from_micros(self.cost),
            estimated: true,
            ..Usage::default()
        }
    }
}

/// The UTC day of a moment.
pub(crate) fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.date_naive()
}

/// Reserves for a call as much of `worst` as every limit leaves, or answers the first limit that leaves too little: then
/// nothing is reserved. The task is locked; the accounts are locked here, in their order.
pub(crate) async fn reserve(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    worst: &WorstCase,
    day: NaiveDate,
    caps: &Caps,
) -> DbResult<Result<Amount, Spent>> {
    let mut granted = match task.room(worst) {
        Ok(granted) => granted,
        Err(spent) => return Ok(Err(spent)),
    };
    // A model that costs nothing concerns nobody but the task.
    if worst.most.cost > Usd::default() {
        let limits = caps.of(role_of(c, task.user).await?);
        let accounts = Account::all(task.user, day);
        for (account, (limit, max)) in accounts.iter().zip(limits) {
            let balance = account.lock(c).await?;
            let Some(max) = max else { continue };
            let left = Usd::from_micros(balance.left(max));
            if left < worst.least.cost {
                return Ok(Err(Spent::of_account(limit, balance, worst.least.cost, max)));
            }
            granted.cost = granted.cost.min(left);
        }
        for account in &accounts {
            account.change(c, 0, granted.cost.micros()).await?;
        }
    }
    task.promise(granted);
    Ok(Ok(granted))
}

/// Frees what was `reserved`, and charges `usage`, which may be more than that.
pub(crate) async fn settle(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    reserved: Reserved,
    usage: Usage,
) -> DbResult<()> {
    task.pay(reserved, usage);
    let spent = usage.cost_usd.micros();
    if spent == 0 && reserved.cost == 0 {
        return Ok(());
    }
    let day = reserved.day.unwrap_or_else(|| day_of(task.now));
    for account in Account::all(task.user, day) {
        account.change(c, spent, -reserved.cost).await?;
    }
    Ok(())
}

async fn role_of(c: &mut AsyncPgConnection, user: UserId) -> DbResult<Role> {
    let role: String = users::table.find(user.0).select(users::role).get_result(c).await?;
    Ok(role.parse()?)
}
