use std::time::Duration;

use uuid::Uuid;

/// Delays between attempts to reach Redis: full jitter under a ceiling that doubles from 100 ms to 5 s, so that a
/// fleet does not come back as one.
#[derive(Debug)]
pub(crate) struct Backoff {
    ceiling: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(100);
    const LAST: Duration = Duration::from_secs(5);

    pub(crate) fn new() -> Self {
        Self { ceiling: Self::FIRST }
    }

    /// How long to wait before the next attempt.
    pub(crate) fn next(&mut self) -> Duration {
        let ceiling = self.ceiling;
        self.ceiling = (ceiling * 2).min(Self::LAST);
        ceiling.mul_f64(unit())
    }

    /// The other side answers again.
    pub(crate) fn reset(&mut self) {
        self.ceiling = Self::FIRST;
    }
}

/// `span`, give or take a fifth.
pub(crate) fn about(span: Duration) -> Duration {
    span.mul_f64(0.8 + 0.4 * unit())
}

/// A random number from 0 to 1: the last 32 bits of a `UUIDv7` are random, and nothing here needs better.
fn unit() -> f64 {
    let [.., a, b, c, d] = Uuid::now_v7().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_under_a_ceiling_that_doubles_and_ends_at_five_seconds() {
        let mut backoff = Backoff::new();
        let ceilings = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
        for ceiling in ceilings {
            assert!(backoff.next() <= Duration::from_millis(ceiling));
        }
        backoff.reset();
        assert!(backoff.next() <= Backoff::FIRST);
    }

    #[test]
    fn delays_are_spread() {
        let delays: std::collections::HashSet<_> =
            (0..100).map(|_| about(Duration::from_secs(2)).as_micros()).collect();
        assert!(delays.len() > 90, "{delays:?}");
        assert!(delays.iter().all(|micros| (1_600_000..=2_400_000).contains(micros)));
    }
}
