use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_trait::async_trait;

use crate::outside::{HealthStore, Outcome};
use crate::provider::{DeltaSink, TargetKey};

/// Takes the text of one call as it appears. Pieces count from 0; 0 again means that what was shown broke, and that
/// the text begins anew.
#[async_trait]
pub trait CallDeltas: Send + Sync {
    /// One piece; an empty one where all that is to be told is that the text begins anew.
    async fn delta(&self, index: u64, text: &str);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDeltas;

#[async_trait]
impl CallDeltas for NoDeltas {
    async fn delta(&self, _: u64, _: &str) {}
}

/// Numbers the pieces of one call over all its attempts.
pub(crate) struct Numbered<'a> {
    to: &'a dyn CallDeltas,
    next: AtomicU64,
}

impl<'a> Numbered<'a> {
    pub(crate) fn new(to: &'a dyn CallDeltas) -> Self {
        Self { to, next: AtomicU64::new(0) }
    }

    /// What was shown is void. Told at once: the next provider may take its time.
    pub(crate) async fn begin_anew(&self) {
        if self.next.load(Ordering::Relaxed) > 0 {
            self.to.delta(0, "").await;
            self.next.store(1, Ordering::Relaxed);
        }
    }
}

/// What one attempt says, and what is known of it if it is cut.
pub(crate) struct Listener<'a> {
    pub(crate) numbered: &'a Numbered<'a>,
    pub(crate) health: &'a dyn HealthStore,
    /// The target, if this attempt is the probe of its breaker.
    pub(crate) probe: Option<&'a TargetKey>,
    pub(crate) bytes: AtomicU64,
    pub(crate) first: OnceLock<Instant>,
}

#[async_trait]
impl DeltaSink for Listener<'_> {
    async fn say(&self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.first.set(Instant::now()).is_ok()
            && let Some(key) = self.probe
        {
            // It speaks: whoever else waits for the probe need not wait for the end.
            self.health.report(key, Outcome::Answered);
        }
        self.bytes.fetch_add(u64::try_from(text.len()).unwrap_or(0), Ordering::Relaxed);
        let index = self.numbered.next.fetch_add(1, Ordering::Relaxed);
        self.numbered.to.delta(index, text).await;
    }
}
