use std::time::Duration;

use async_trait::async_trait;
use ninja_llm::{LocalRates, Pace, RateLimits, Rates};
use ninja_queue::{Queue, Share};
use ninja_types::ProviderId;

/// Nobody waits longer for Redis: this process counts by itself then.
const PATIENCE: Duration = Duration::from_millis(20);

/// The minutes of providers' keys, shared by the whole fleet; without Redis each process gives out the whole limit,
/// and the provider's own 429 is what slows it.
#[derive(Debug)]
pub(crate) struct FleetRates {
    queue: Queue,
    local: LocalRates,
}

impl FleetRates {
    pub(crate) fn new(queue: Queue) -> Self {
        Self { queue, local: LocalRates::default() }
    }
}

#[async_trait]
impl Rates for FleetRates {
    async fn take(
        &self,
        provider: ProviderId,
        tokens: u64,
        limits: RateLimits,
    ) -> Result<(), Duration> {
        let wanted = [
            ("requests", 1, limits.requests_per_minute),
            ("tokens", tokens, limits.tokens_per_minute),
        ];
        let share = |(of, units, per_minute): (&'static str, u64, Option<u32>)| {
            let pace = Pace::of(per_minute?);
            Some(Share { provider, of, cost: pace.cost(units), burst: pace.burst })
        };
        let shares: Vec<Share> = wanted.into_iter().filter_map(share).collect();
        match self.queue.take(&shares, PATIENCE).await {
            Ok(Duration::ZERO) => Ok(()),
            Ok(wait) => Err(wait),
            Err(_silent) => self.local.take(provider, tokens, limits).await,
        }
    }
}
