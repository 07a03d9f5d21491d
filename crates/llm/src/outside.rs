//! What this room asks of the process around it. The worker answers with rows and Redis, tests with memory.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ninja_types::{ModelErrorClass, ProviderId, Usd};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::provider::TargetKey;
use crate::settings::ProviderSettings;

/// Who may be asked.
#[async_trait]
pub trait ProviderSource: Send + Sync {
    /// The enabled providers, their keys opened. Cheap: held in memory, and dropped when somebody changes one.
    async fn enabled(&self) -> Arc<Vec<ProviderSettings>>;
}

/// What the whole fleet knows of the providers' health.
#[async_trait]
pub trait HealthStore: Send + Sync {
    /// How the targets are, in their order, in one question.
    async fn look(&self, targets: &[TargetKey]) -> Vec<Health>;

    /// Notes how an attempt ended. Never waited for.
    fn report(&self, target: &TargetKey, outcome: Outcome);

    /// Whether the caller is the one that may try a target whose breaker is half open.
    async fn claim_probe(&self, target: &TargetKey) -> bool;
}

/// How a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It may be asked.
    Closed,
    /// It failed too often: not before so long.
    Open(Duration),
    /// One probe may ask it.
    HalfOpen,
    /// It asked to be left alone for so long.
    Cooling(Duration),
    /// Its key, its account or its model is refused: not before so long.
    Off(Duration),
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Answered,
    /// Without one.
    Failed {
        /// How.
        class: ModelErrorClass,
        /// How long the provider asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// What a key may do in a minute, over the whole fleet. `None`: as much as the provider takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Requests.
    pub requests_per_minute: Option<u32>,
    /// Tokens, read and written.
    pub tokens_per_minute: Option<u32>,
}

/// Shares the minutes of a key among the whole fleet.
#[async_trait]
pub trait Rates: Send + Sync {
    /// Takes one request of `tokens`. `Err`: there is no room before so long, and nothing was taken.
    async fn take(
        &self,
        provider: ProviderId,
        tokens: u64,
        limits: RateLimits,
    ) -> Result<(), Duration>;
}

/// Pays for one call. What it grants it keeps, until the caller stores the answer or gives the call up.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Reserves the worst case, or as much of it as is left, if that is at least the least. Commits that the call is
    /// about to begin.
    async fn reserve(&self, worst: &WorstCase) -> Result<Granted, Refused>;

    /// Reserves more, because an attempt that must be paid for broke.
    async fn extend(&self, worst: &WorstCase) -> Result<Granted, Refused>;
}

/// What a call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstCase {
    /// With the longest answer.
    pub most: Granted,
    /// With the shortest answer that is worth asking for.
    pub least: Granted,
}

/// Money and tokens that are reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// Money.
    pub cost: Usd,
    /// Tokens, read and written.
    pub tokens: u64,
}

/// A budget or journal that will not have the call. The caller knows its own error again by downcasting.
#[derive(Debug, Error)]
#[error("the call may not begin")]
pub struct Refused(#[source] pub Box<dyn Error + Send + Sync>);
