//! The only room that speaks to vendors of models.
//!
//! A caller builds a [`ChatRequest`] that names a tier; which provider answers, what happens when one fails, what it
//! costs and when to give up is decided here, in one loop. What this room needs from outside (stored health, rates,
//! budgets, keys) it asks through the traits of `outside.rs`. Read `chat.rs` first.
//!
//! What does not live here: rows, Redis, agents, tools.

mod answer;
mod chat;
mod error;
mod outside;
mod provider;
mod providers;
mod registry;
mod settings;

pub use answer::{Attempt, Charge, ChatAnswer, Completion, Stop, Tokens};
pub use chat::{
    ChatRequest, InvalidModelRef, Message, ModelRef, OutputSchema, Part, ToolCall, ToolChoice,
    ToolSpec,
};
pub use error::{CallError, CallFault, ProviderError, Seen};
pub use outside::{
    Budget, Granted, Health, HealthStore, Outcome, ProviderSource, RateLimits, Rates, Refused,
    WorstCase,
};
pub use provider::{DeltaSink, ModelInfo, Patience, Provider, Target, TargetKey};
pub use registry::{KindInfo, Need, Registry, catalogue, kind_info};
pub use settings::{Features, ModelSettings, Prices, ProviderSettings, Source};
