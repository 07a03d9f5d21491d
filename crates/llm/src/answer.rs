use ninja_types::{ModelErrorClass, Usd};
use serde::{Deserialize, Serialize};

use crate::chat::ToolCall;

/// What one provider answered, before it was priced.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The words.
    pub text: String,
    /// The reasoning, where the provider shows it.
    pub reasoning: Option<String>,
    /// What the model called, complete.
    pub tool_calls: Vec<ToolCall>,
    /// Why it ended.
    pub stop: Stop,
    /// As reported; `None`: the provider reported nothing that can be believed.
    pub tokens: Option<Tokens>,
    /// The model that says it answered.
    pub response_model: Option<String>,
    /// The provider's name for the answer.
    pub response_id: Option<String>,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It was complete.
    Completed,
    /// It reached its limit of tokens.
    MaxTokens,
    /// It waits for the results of tools.
    ToolCalls,
    /// The provider ended it for its content.
    ContentFilter,
    /// It came to a text at which it was to end.
    StopSequence,
    /// Something else, in the provider's word.
    Other(String),
}

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tokens {
    /// All that was read, cached ones included.
    pub input: u64,
    /// Of these, read from the provider's cache.
    pub cache_read: u64,
    /// Of these, written to a cache of five minutes.
    pub cache_write_5m: u64,
    /// Of these, written to a cache of an hour.
    pub cache_write_1h: u64,
    /// All that was written, reasoning included.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
}

/// What attempts are to be paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charge {
    /// All attempts together.
    pub tokens: Tokens,
    /// Their price, each rounded up once.
    pub cost: Usd,
    /// A provider reported no usage, so that it was estimated.
    pub usage_estimated: bool,
    /// The model's price is not known, so that the assumed one was taken.
    pub price_assumed: bool,
}

/// A model's answer, and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatAnswer {
    /// The words.
    pub text: String,
    /// The reasoning, where the provider shows it.
    pub reasoning: Option<String>,
    /// What the model called. None of a broken attempt is among them.
    pub tool_calls: Vec<ToolCall>,
    /// Why it ended.
    pub stop: Stop,
    /// What to pay, broken attempts included.
    pub charge: Charge,
    /// Who answered.
    pub provider: String,
    /// The model that was asked.
    pub model: String,
    /// The model that says it answered.
    pub response_model: Option<String>,
    /// The provider's name for the answer.
    pub response_id: Option<String>,
    /// Hash of the price that was taken.
    pub price_version: String,
    /// Every try in its order, the good one last.
    pub attempts: Vec<Attempt>,
}

/// One try at one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Whom.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// How it failed; `None`: it answered.
    pub class: Option<ModelErrorClass>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// What went wrong, in at most 300 characters without secrets.
    pub message: Option<String>,
    /// How long it took.
    pub ms: u64,
    /// What to pay for it.
    pub charge: Charge,
}
