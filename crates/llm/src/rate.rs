use std::time::Duration;

use crate::outside::RateLimits;

const MINUTE: Duration = Duration::from_mins(1);
/// This part of a minute's worth may be used at once; the rest comes evenly.
const BURST: u64 = 6;

/// How a limit of so many a minute is spread: in no minute more than the limit is given out, save for a request that
/// alone is more than a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What one unit takes of the time.
    pub each: Duration,
    /// How far ahead of the time it may be used.
    pub burst: Duration,
}

impl Pace {
    /// Of so many a minute. The burst is taken off the even part, so that both together are the limit.
    pub fn of(per_minute: u32) -> Self {
        let limit = u64::from(per_minute.max(1));
        let burst = (limit / BURST).max(1);
        let even = limit - burst + 1;
        let each = MINUTE.div_f64(wide(even));
        Self { each, burst: each.mul_f64(wide(burst)) }
    }

    /// What `units` take of the time.
    pub fn cost(&self, units: u64) -> Duration {
        self.each.mul_f64(wide(units))
    }
}

/// Numbers of limits and tokens are far below where a float is not exact.
fn wide(number: u64) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

/// When the next unit is due if all were used evenly: the generic cell rate algorithm, for the requests and the
/// tokens of one key. It asks no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    requests: Duration,
    tokens: Duration,
}

impl Gauge {
    /// Takes one request of `tokens` at `now`, or nothing: then there is room after the time that is answered.
    pub fn take(&mut self, tokens: u64, limits: RateLimits, now: Duration) -> Result<(), Duration> {
        let mut next = *self;
        let requests = advance(&mut next.requests, 1, limits.requests_per_minute, now);
        let of_tokens = advance(&mut next.tokens, tokens, limits.tokens_per_minute, now);
        match requests.max(of_tokens) {
            Duration::ZERO => {
                *self = next;
                Ok(())
            }
            wait => Err(wait),
        }
    }
}

/// Moves `due` on by `units`; answers how long there is no room for them yet.
fn advance(due: &mut Duration, units: u64, per_minute: Option<u32>, now: Duration) -> Duration {
    let Some(per_minute) = per_minute else { return Duration::ZERO };
    let pace = Pace::of(per_minute);
    let cost = pace.cost(units);
    let ahead = due.saturating_sub(now);
    *due = (*due).max(now) + cost;
    // What is more than a burst by itself waits until nothing is ahead of it, or it would wait for ever.
    ahead.saturating_sub(pace.burst.saturating_sub(cost))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits(requests: Option<u32>, tokens: Option<u32>) -> RateLimits {
        RateLimits { requests_per_minute: requests, tokens_per_minute: tokens }
    }

    #[test]
    fn a_request_without_room_takes_nothing_and_learns_when_there_is() {
        let limits = limits(Some(2), None);
        let mut gauge = Gauge::default();
        assert_eq!(gauge.take(1, limits, Duration::ZERO), Ok(()));
        let wait = gauge.take(1, limits, Duration::ZERO).unwrap_err();
        assert_eq!(wait, MINUTE / 2);
        assert_eq!(gauge.take(1, limits, wait), Ok(()));
    }

    #[test]
    fn tokens_that_find_no_room_do_not_use_up_a_request() {
        let limits = limits(Some(60), Some(600));
        let mut gauge = Gauge::default();
        assert_eq!(gauge.take(5_000, limits, Duration::ZERO), Ok(()), "alone, it may be too large");
        let full = gauge;
        assert!(gauge.take(1, limits, Duration::ZERO).is_err());
        assert_eq!(gauge, full);
    }

    proptest! {
        #[test]
        fn no_minute_gives_out_more_than_the_limit(
            limit in 1_u32..200,
            gaps in prop::collection::vec(0_u64..3_000, 1..400),
        ) {
            let (mut gauge, mut now, mut taken) = (Gauge::default(), Duration::ZERO, Vec::new());
            for gap in gaps {
                now += Duration::from_millis(gap);
                if gauge.take(1, limits(Some(limit), None), now).is_ok() {
                    taken.push(now);
                }
                let in_minute = taken.iter().filter(|at| **at + MINUTE > now + Duration::from_millis(1)).count();
                prop_assert!(in_minute <= usize::try_from(limit).unwrap());
            }
        }

        #[test]
        fn after_the_wait_there_is_room(tokens in 0_u64..100_000, per_minute in 1_u32..50_000) {
            let limits = limits(None, Some(per_minute));
            let mut gauge = Gauge::default();
            prop_assert_eq!(gauge.take(tokens, limits, Duration::ZERO), Ok(()));
            if let Err(wait) = gauge.take(tokens, limits, Duration::ZERO) {
                prop_assert_eq!(gauge.take(tokens, limits, wait), Ok(()));
            }
        }
    }
}
