//! The only room that speaks to vendors of models.
//!
//! A caller builds a [`ChatRequest`] that names a tier; which provider answers, what happens when one fails, what it
//! costs and when to give up is decided here, in one loop. What this room needs from outside (stored health, rates,
//! budgets, keys) it asks through the traits of `outside.rs`. Read `chat.rs` first.
//!
//! What does not live here: rows, Redis, agents, tools.

mod answer;
mod attempt;
mod base_url;
mod call;
mod charge;
mod chat;
mod check;
mod deltas;
mod error;
mod estimate;
mod health;
mod line;
mod local;
mod models;
mod outside;
mod price;
mod provider;
mod providers;
mod purse;
mod rate;
mod registry;
mod route;
mod settings;
mod telemetry;

pub use answer::{Attempt, Charge, ChatAnswer, Completion, Stop, Tokens};
pub use base_url::{BaseUrlError, base_url};
pub use charge::{Fallback, fallbacks};
pub use chat::{
    ChatRequest, InvalidModelRef, Message, ModelRef, OutputSchema, Part, ToolCall, ToolChoice,
    ToolSpec,
};
pub use deltas::{CallDeltas, NoDeltas};
pub use error::{CallError, CallFault, ProviderError, Seen};
pub use health::{Breaker, Mark, rules};
pub use local::{FixedProviders, LocalHealth, LocalRates, NoRates};
pub use models::{CallContext, Models, Outside, Wires};
pub use outside::{
    Budget, Granted, Health, HealthStore, Outcome, ProviderSource, RateLimits, Rates, Refused,
    WorstCase,
};
pub use price::{Price, PriceError, PriceTable};
pub use provider::{DeltaSink, ModelInfo, Patience, Provider, Target, TargetKey};
pub use rate::{Gauge, Pace};
pub use registry::{KindInfo, Need, Registry, catalogue, kind_info};
pub use settings::{Features, ModelSettings, Prices, ProviderSettings, Source};
