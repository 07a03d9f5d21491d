//! How often somebody may ask. Redis counts for all processes; while it is away each process counts for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ninja_config::Rate;
use ninja_queue::{Limit, Verdict};

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};

type Local = Arc<DefaultKeyedRateLimiter<String>>;

/// The limiters of this process, for while Redis is away. One for each size and span.
#[derive(Default)]
pub(crate) struct Limits(Mutex<HashMap<(u32, Duration), Local>>);

/// The figures of an answer's `RateLimit` headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub name: &'static str,
    pub limit: u32,
    pub remaining: u32,
    pub reset_seconds: u64,
    pub window_seconds: u64,
}

/// `count` per `per` for what is counted under `key`.
pub(crate) fn limit(key: String, rate: Rate) -> Limit {
    Limit { key, limit: rate.count, per: rate.per }
}

/// The network of an address: /24, or /64 of IPv6. Who has one address of it has them all.
pub(crate) fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0")
        }
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
        None => "unknown".to_owned(),
    }
}

impl Limits {
    /// Counts one request against all of `limits`; `scope` names them in the metrics.
    pub(crate) async fn count(
        &self,
        app: &App,
        scope: &'static str,
        limits: &[Limit],
    ) -> ApiResult<Verdict> {
        let verdict = match app.queue.limit(limits).await {
            Ok(verdict) => verdict,
            Err(_away) => self.here(limits, scope == "login"),
        };
        if verdict.allowed {
            return Ok(verdict);
        }
        metrics::counter!("ninja_rate_limited_total", "scope" => scope).increment(1);
        let wait = verdict.reset_seconds.max(1);
        let detail = format!("Too many requests: come back in {wait} seconds.");
        Err(ApiError::new(Code::RateLimited, detail).retry_after(wait))
    }

    /// As Redis would, for this process alone. Guessing passwords gets half, as there may be many processes.
    fn here(&self, limits: &[Limit], halved: bool) -> Verdict {
        let mut tightest: Option<Verdict> = None;
        for limit in limits {
            let count = if halved { limit.limit.div_ceil(2) } else { limit.limit };
            let limiter = self.local(count, limit.per);
            let verdict = match limiter.check_key(&limit.key) {
                Ok(()) => Verdict { allowed: true, limit: count, remaining: 0, reset_seconds: 0 },
                Err(not_until) => Verdict {
                    allowed: false,
                    limit: count,
                    remaining: 0,
                    reset_seconds: not_until
                        .wait_time_from(DefaultClock::default().now())
                        .as_secs()
                        + 1,
                },
            };
            if tightest.is_none_or(|known| known.allowed && !verdict.allowed) {
                tightest = Some(verdict);
            }
        }
        tightest.unwrap_or(Verdict { allowed: true, limit: 0, remaining: 0, reset_seconds: 0 })
    }

    fn local(&self, count: u32, per: Duration) -> Local {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = all.entry((count, per)).or_insert_with(|| {
            let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::with_period(per / count.get()).unwrap_or(Quota::per_second(count));
            Arc::new(RateLimiter::keyed(quota.allow_burst(count)))
        });
        limiter.retain_recent(); // forgets keys that are whole again
        limiter.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_redis_a_process_counts_for_itself_and_login_gets_half() {
        let limits = Limits::default();
        let ten = [Limit { key: "a".into(), limit: 10, per: Duration::from_mins(15) }];
        let passed = |halved| (0..20).filter(|_| limits.here(&ten, halved).allowed).count();
        assert_eq!((passed(false), passed(true)), (10, 5));
        let refused = limits.here(&ten, false);
        assert!((1..=91).contains(&refused.reset_seconds), "{refused:?}");
    }

    #[test]
    fn a_network_is_a_24_or_a_64() {
        assert_eq!(network("192.0.2.77".parse().ok()), "192.0.2.0");
        assert_eq!(network("::ffff:192.0.2.1".parse().ok()), "192.0.2.0");
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().ok()), "2001:db8:1:2::");
    }
}
