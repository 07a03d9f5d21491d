use std::time::{Duration, Instant};

use ninja_types::ModelErrorClass;
use uuid::Uuid;

use crate::error::ProviderError;
use crate::health::rules::COOL_FIRST;
use crate::outside::Health;
use crate::route::Candidate;

/// First ceiling of a wait in place; it doubles with every try at the same target.
const BACKOFF: Duration = Duration::from_millis(500);
/// How long a job waits at least before its step asks again.
pub(crate) const AFTER: Duration = Duration::from_secs(1);

/// One candidate, and what became of it in this call.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) candidate: Candidate<'a>,
    pub(crate) place: Place,
    pub(crate) tries: u32,
}

/// Whether a candidate may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It may.
    Ready,
    /// It may, as the one probe of its breaker.
    Probe,
    /// Not before then. `here`: the call itself may wait for it, if nothing else is left.
    Resting { until: Instant, here: bool },
    /// Its key, its account or its model is refused.
    Off,
    /// Not in this call.
    Out,
}

impl Place {
    /// Where a target stands that is this healthy.
    pub(crate) fn of(health: Health, now: Instant) -> Self {
        match health {
            Health::Closed => Self::Ready,
            Health::HalfOpen => Self::Probe,
            Health::Open(left) | Health::Cooling(left) => {
                Self::Resting { until: now + left, here: false }
            }
            Health::Off(_) => Self::Off,
        }
    }

    pub(crate) const fn may_be_tried(self) -> bool {
        matches!(self, Self::Ready | Self::Probe)
    }
}

impl Line<'_> {
    /// Where the target of a failed try stands. `Ready`: it is tried once more at once.
    pub(crate) fn after(&self, error: &ProviderError, now: Instant) -> Place {
        use ModelErrorClass as Class;
        let rest = |here| Place::Resting { until: now + self.wait(error), here };
        match error.class {
            Class::Auth | Class::Billing | Class::NotFound => Place::Off,
            Class::Server if self.tries == 1 => Place::Ready,
            Class::Rate | Class::Overloaded | Class::Server => rest(true),
            Class::TimeoutConnect
            | Class::TimeoutFirstByte
            | Class::TimeoutIdle
            | Class::Broken => rest(false),
            Class::ContextLength | Class::ContentFilter | Class::BadRequest | Class::Malformed => {
                Place::Out
            }
        }
    }

    /// As long as the provider asks for, and a little longer, so that those who were told the same do not come back as
    /// one; else full jitter.
    fn wait(&self, error: &ProviderError) -> Duration {
        let own = match error.class {
            ModelErrorClass::Rate => COOL_FIRST,
            _ => (BACKOFF * (1 << self.tries.min(8))).mul_f64(unit()),
        };
        error.retry_after.map_or(own, |asked| asked.mul_f64(1.0 + unit() / 10.0))
    }
}

/// A random number from 0 to 1: the last 32 bits of a `UUIDv7` are random, and nothing here needs better.
fn unit() -> f64 {
    let [.., a, b, c, d] = Uuid::now_v7().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}
