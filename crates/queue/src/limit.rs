use std::time::Duration;

use redis::Script;

use crate::queue::BEST_EFFORT;
use crate::{Queue, Unavailable};

/// So many requests per window, counted for one key: a caller, an address, an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whose requests, for what: `login:203.0.113.7`.
    pub key: String,
    /// How many in a window.
    pub limit: u32,
    /// How long a window is. It begins with its first request.
    pub per: Duration,
}

/// Whether a request may pass, and the figures of the limit that is nearest to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It may; it has been counted then, and only then.
    pub allowed: bool,
    /// Of the tightest limit: how many in a window.
    pub limit: u32,
    /// How many are left of them.
    pub remaining: u32,
    /// Seconds until they begin anew, rounded up: `Retry-After` where the request may not pass.
    pub reset_seconds: u64,
}

impl Queue {
    /// Counts one request against all of `limits`, or, if one of them is used up, against none. Without Redis the
    /// caller counts in its own process.
    pub async fn limit(&self, limits: &[Limit]) -> Result<Verdict, Unavailable> {
        let script = Script::new(include_str!("scripts/limit.lua"));
        let mut call = script.prepare_invoke();
        for limit in limits {
            call.key(self.names().limit(&limit.key));
            call.arg(limit.limit)
                .arg(u64::try_from(limit.per.as_millis()).unwrap_or(u64::MAX).max(1));
        }
        let answer: Vec<u64> =
            self.within(BEST_EFFORT, call.invoke_async(&mut self.shared())).await?;
        Ok(verdict(limits, &answer))
    }
}

fn verdict(limits: &[Limit], answer: &[u64]) -> Verdict {
    let allowed = answer.first() != Some(&0);
    let figures = limits.iter().zip(answer.get(1..).unwrap_or_default().chunks_exact(2)).map(
        |(limit, figures)| {
            let count = figures.first().copied().and_then(|n| u32::try_from(n).ok());
            let left_ms = figures.last().copied().unwrap_or_default();
            Verdict {
                allowed,
                limit: limit.limit,
                remaining: limit.limit.saturating_sub(count.unwrap_or(u32::MAX)),
                reset_seconds: left_ms.div_ceil(1000),
            }
        },
    );
    // Of the used-up ones the last to begin anew: before that a repetition would be refused again.
    figures
        .min_by_key(|verdict| (verdict.remaining, std::cmp::Reverse(verdict.reset_seconds)))
        .unwrap_or(Verdict { allowed, limit: u32::MAX, remaining: u32::MAX, reset_seconds: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(key: &str, limit: u32) -> Limit {
        Limit { key: key.to_owned(), limit, per: Duration::from_mins(1) }
    }

    #[test]
    fn the_tightest_limit_is_told() {
        let limits = [limit("user", 100), limit("address", 5)];
        let told = verdict(&limits, &[1, 10, 59_001, 4, 2_000]);
        assert_eq!(told, Verdict { allowed: true, limit: 5, remaining: 1, reset_seconds: 2 });
    }

    #[test]
    fn of_two_used_up_limits_the_longer_wait_is_told() {
        let limits = [limit("user", 1), limit("address", 1)];
        let told = verdict(&limits, &[0, 1, 1_000, 1, 60_000]);
        assert_eq!(told, Verdict { allowed: false, limit: 1, remaining: 0, reset_seconds: 60 });
    }
}
