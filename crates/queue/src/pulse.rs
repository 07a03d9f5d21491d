use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// When a loop last went round: what `/livez` asks, without asking anybody else.
#[derive(Clone, Debug)]
pub struct Pulse {
    since: Instant,
    last_ms: Arc<AtomicU64>,
}

impl Pulse {
    /// A pulse that beats now for the first time.
    #[expect(
        clippy::new_without_default,
        reason = "a pulse that appears by default belongs to no loop"
    )]
    pub fn new() -> Self {
        Self { since: Instant::now(), last_ms: Arc::default() }
    }

    /// The loop goes round.
    pub fn beat(&self) {
        let ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(ms, Ordering::Relaxed);
    }

    /// How long ago that was.
    pub fn age(&self) -> Duration {
        self.since
            .elapsed()
            .saturating_sub(Duration::from_millis(self.last_ms.load(Ordering::Relaxed)))
    }
}
