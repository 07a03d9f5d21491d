use serde::{Deserialize, Serialize};

use crate::Usd;

/// What a call, step or task used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Answers of models.
    pub model_calls: u64,
    /// Tools that were run.
    pub tool_calls: u64,
    /// Tokens read by models, cached ones included.
    pub input_tokens: u64,
    /// Of these, the ones that the provider had cached.
    pub cached_input_tokens: u64,
    /// Tokens written by models.
    pub output_tokens: u64,
    /// Price of the model calls.
    pub cost_usd: Usd,
    /// Seconds in which work was under way.
    pub wall_seconds: u64,
    /// Some figure is an estimate, because a provider reported none.
    pub estimated: bool,
}

impl Usage {
    /// The sum of both; one estimate makes the sum an estimate.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            model_calls: self.model_calls + other.model_calls,
            tool_calls: self.tool_calls + other.tool_calls,
            input_tokens: self.input_tokens + other.input_tokens,
            cached_input_tokens: self.cached_input_tokens + other.cached_input_tokens,
            output_tokens: self.output_tokens + other.output_tokens,
            cost_usd: Usd::from_micros(self.cost_usd.micros() + other.cost_usd.micros()),
            wall_seconds: self.wall_seconds + other.wall_seconds,
            estimated: self.estimated || other.estimated,
        }
    }
}
