//! What this room asks of outside, answered from the memory of one process: the fallback while Redis is away, and
//! what tests run with.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_types::ProviderId;

use crate::health::{Breaker, Mark};
use crate::outside::{Health, HealthStore, Outcome, ProviderSource, RateLimits, Rates};
use crate::provider::TargetKey;
use crate::rate::Gauge;
use crate::settings::ProviderSettings;

/// Targets that are remembered at most; those of a fleet are a few dozen.
const MOST: usize = 10_000;

/// Health as one process sees it.
#[derive(Debug)]
pub struct LocalHealth {
    since: Instant,
    targets: Mutex<HashMap<TargetKey, Breaker>>,
    providers: Mutex<HashMap<ProviderId, Breaker>>,
}

impl Default for LocalHealth {
    fn default() -> Self {
        Self { since: Instant::now(), targets: Mutex::default(), providers: Mutex::default() }
    }
}

impl LocalHealth {
    /// How one target is.
    pub fn of(&self, target: &TargetKey) -> Health {
        let now = self.since.elapsed();
        let provider = held(&self.providers).get(&target.provider).map(|one| one.look(now));
        match provider {
            Some(off @ Health::Off(_)) => off,
            _ => held(&self.targets).get(target).map_or(Health::Closed, |one| one.look(now)),
        }
    }

    /// Whether the caller may ask the target now.
    pub fn claim(&self, target: &TargetKey) -> bool {
        let now = self.since.elapsed();
        held(&self.targets).get_mut(target).is_none_or(|one| one.claim(now))
    }
}

#[async_trait]
impl HealthStore for LocalHealth {
    async fn look(&self, targets: &[TargetKey]) -> Vec<Health> {
        targets.iter().map(|target| self.of(target)).collect()
    }

    fn report(&self, target: &TargetKey, outcome: Outcome) {
        let now = self.since.elapsed();
        let mark = Mark::of(outcome);
        if mark == Mark::Barred {
            note(&self.providers, &target.provider, mark, now);
        } else {
            note(&self.targets, target, mark, now);
        }
    }

    async fn claim_probe(&self, target: &TargetKey) -> bool {
        self.claim(target)
    }
}

fn note<K: Clone + Eq + Hash>(
    all: &Mutex<HashMap<K, Breaker>>,
    key: &K,
    mark: Mark,
    now: Duration,
) {
    let mut all = held(all);
    let full = all.len() >= MOST;
    match all.get_mut(key) {
        Some(one) => one.note(mark, now),
        // Nothing is remembered of what works: so most calls leave no trace.
        None if mark == Mark::Well || full => {}
        None => all.entry(key.clone()).or_default().note(mark, now),
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rates as one process counts them: each process for itself gives out the whole limit.
#[derive(Debug)]
pub struct LocalRates {
    since: Instant,
    gauges: Mutex<HashMap<ProviderId, Gauge>>,
}

impl Default for LocalRates {
    fn default() -> Self {
        Self { since: Instant::now(), gauges: Mutex::default() }
    }
}

#[async_trait]
impl Rates for LocalRates {
    async fn take(
        &self,
        provider: ProviderId,
        tokens: u64,
        limits: RateLimits,
    ) -> Result<(), Duration> {
        if limits == RateLimits::default() {
            return Ok(());
        }
        let now = self.since.elapsed();
        held(&self.gauges).entry(provider).or_default().take(tokens, limits, now)
    }
}

/// Keys without limits.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRates;

#[async_trait]
impl Rates for NoRates {
    async fn take(&self, _: ProviderId, _: u64, _: RateLimits) -> Result<(), Duration> {
        Ok(())
    }
}

/// Providers that are given once and do not change.
#[derive(Clone, Debug, Default)]
pub struct FixedProviders(Arc<Vec<ProviderSettings>>);

impl FixedProviders {
    /// These.
    pub fn new(providers: Vec<ProviderSettings>) -> Self {
        Self(Arc::new(providers))
    }
}

#[async_trait]
impl ProviderSource for FixedProviders {
    async fn enabled(&self) -> Arc<Vec<ProviderSettings>> {
        Arc::clone(&self.0)
    }
}
