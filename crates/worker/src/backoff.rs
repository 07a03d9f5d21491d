use std::time::Duration;

use uuid::Uuid;

/// The wait before the next attempt of a job: full jitter under 2 s × 2^attempt, at least 1 s, at most 5 min. What the
/// other side asked for wins when it is longer, up to 10 min.
pub(crate) fn before_retry(attempt: i32, asked: Option<Duration>) -> Duration {
    let doublings = u32::try_from(attempt).unwrap_or_default().min(16);
    let ceiling = Duration::from_secs(2).saturating_mul(1 << doublings).min(Duration::from_mins(5));
    let own = ceiling.mul_f64(unit()).max(Duration::from_secs(1));
    own.max(asked.unwrap_or_default().min(Duration::from_mins(10)))
}

/// The wait before PostgreSQL is asked the same again: full jitter under a ceiling that doubles from 100 ms to 5 s.
pub(crate) fn before_query(failures: u32) -> Duration {
    let ceiling = Duration::from_millis(100).saturating_mul(1 << failures.min(16));
    ceiling.min(Duration::from_secs(5)).mul_f64(unit())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the back-off of a retry: there is nothing else to wait for"
)]
pub(crate) async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
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
    fn a_retry_waits_between_one_second_and_five_minutes() {
        for attempt in [0, 1, 5, 40] {
            for _ in 0..100 {
                let wait = before_retry(attempt, None);
                assert!((Duration::from_secs(1)..=Duration::from_mins(5)).contains(&wait));
            }
        }
    }

    #[test]
    fn the_first_retry_comes_within_four_seconds() {
        assert!((0..100).all(|_| before_retry(1, None) <= Duration::from_secs(4)));
    }

    #[test]
    fn what_the_other_side_asks_for_wins_up_to_ten_minutes() {
        let asked = Duration::from_mins(8);
        assert_eq!(before_retry(1, Some(asked)), asked);
        assert_eq!(before_retry(1, Some(Duration::from_hours(1))), Duration::from_mins(10));
    }

    #[test]
    fn queries_are_repeated_within_five_seconds() {
        assert!((0..40).all(|failures| before_query(failures) <= Duration::from_secs(5)));
    }
}
