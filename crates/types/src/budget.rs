use serde::{Deserialize, Serialize};

use crate::names::named;
use crate::{OnExceeded, Usd};

named! {
    /// One limit of a budget.
    Limit ("limit of a budget") {
        /// Price of all model calls.
        Cost = "max_cost_usd",
        /// Tokens, read and written.
        Tokens = "max_tokens",
        /// Seconds in `running`.
        WallSeconds = "max_wall_seconds",
        /// Model and tool calls.
        Calls = "max_calls",
        /// Price of all model calls of a user on a UTC day.
        UserDay = "user_day_cost_usd",
        /// Price of all model calls of the installation on a UTC day.
        InstallationDay = "installation_day_cost_usd",
        /// Price of all model calls of the installation in a UTC month.
        InstallationMonth = "installation_month_cost_usd",
    }
}

impl Limit {
    /// Whether it is the task's own, so that its user may raise it. The others end with their day or month.
    pub const fn is_of_task(self) -> bool {
        !matches!(self, Self::UserDay | Self::InstallationDay | Self::InstallationMonth)
    }
}

/// What a task may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Price of all model calls.
    pub max_cost_usd: Usd,
    /// Tokens, read and written.
    pub max_tokens: u64,
    /// Seconds in `running`.
    pub max_wall_seconds: u32,
    /// Model and tool calls.
    pub max_calls: u32,
    /// What happens when one of them does not suffice.
    pub on_exceeded: OnExceeded,
}

impl Budget {
    /// The largest `max_tokens` of a task.
    pub const MOST_TOKENS: u64 = 10_000_000;
    /// The largest `max_wall_seconds` of a task.
    pub const MOST_WALL_SECONDS: u32 = 86_400;
    /// The largest `max_calls` of a task.
    pub const MOST_CALLS: u32 = 2_000;
}
