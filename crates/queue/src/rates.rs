use std::time::Duration;

use ninja_types::ProviderId;
use redis::Script;

use crate::{Queue, Unavailable};

/// What one request takes of one limit of a key, which the whole fleet shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whose key.
    pub provider: ProviderId,
    /// Which of its limits: `requests`, `tokens`.
    pub of: &'static str,
    /// What it takes of the time.
    pub cost: Duration,
    /// How far ahead of the time the limit may be used.
    pub burst: Duration,
}

impl Queue {
    /// Takes all of `shares` or, if one of them has no room, none. Answers how long there is no room; zero: taken.
    pub async fn take(&self, shares: &[Share], limit: Duration) -> Result<Duration, Unavailable> {
        if shares.is_empty() {
            return Ok(Duration::ZERO);
        }
        let script = Script::new(include_str!("scripts/rates.lua"));
        let mut call = script.prepare_invoke();
        for share in shares {
            call.key(self.names().rate(share.provider, share.of));
            call.arg(micros(share.cost)).arg(micros(share.burst));
        }
        let wait: u64 = self.within(limit, call.invoke_async(&mut self.shared())).await?;
        Ok(Duration::from_micros(wait))
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
