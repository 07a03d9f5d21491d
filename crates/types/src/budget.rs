use serde::{Deserialize, Serialize};

use crate::{OnExceeded, Usd};

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
