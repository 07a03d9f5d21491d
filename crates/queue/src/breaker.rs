use std::time::Duration;

use ninja_types::ProviderId;
use redis::Script;

use crate::queue::BEST_EFFORT;
use crate::{Queue, Unavailable};

/// What the fleet knows is forgotten this long after the last word of it.
const MEMORY: Duration = Duration::from_mins(15);

/// One thing that has a breaker: a model of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watched {
    /// The provider.
    pub provider: ProviderId,
    /// Its model.
    pub model: String,
}

/// How a watched thing is, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It works, as far as anybody knows.
    Closed,
    /// It failed too often; or its probe is under way.
    Open(Duration),
    /// One probe may go.
    HalfOpen,
    /// It asked to be left alone.
    Cooling(Duration),
    /// It is refused.
    Off(Duration),
}

/// What a call told of a watched thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It works.
    Well,
    /// It failed.
    Ill,
    /// It asked to be left alone, perhaps for so long.
    Busy(Option<Duration>),
    /// It is not there.
    Gone,
    /// Its whole provider refuses us.
    Barred,
}

/// The figures of all breakers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRules {
    /// Failures that open it.
    pub failures: usize,
    /// Within this time.
    pub window: Duration,
    /// How long it stays open.
    pub open: Duration,
    /// How long a probe keeps others away.
    pub probe: Duration,
    /// How long what is refused stays off.
    pub off: Duration,
    /// First rest of what asked for one without saying how long; it doubles.
    pub cool_first: Duration,
    /// Its last.
    pub cool_last: Duration,
    /// Longest rest that may be asked for.
    pub cool_asked: Duration,
}

impl Queue {
    /// How all of `watched` are, in their order, in one round trip of at most `limit`.
    pub async fn look(
        &self,
        watched: &[Watched],
        limit: Duration,
    ) -> Result<Vec<Looked>, Unavailable> {
        let script = Script::new(include_str!("scripts/breaker_look.lua"));
        let mut call = script.prepare_invoke();
        for one in watched {
            call.key(self.names().provider(one.provider));
            call.key(self.names().model(one.provider, &one.model));
        }
        let answer: Vec<(u8, u64)> =
            self.within(limit, call.invoke_async(&mut self.shared())).await?;
        Ok(answer.into_iter().map(|(state, left)| looked(state, left)).collect())
    }

    /// Tells the fleet what a call saw. Not waited for.
    pub fn tell(&self, watched: &Watched, told: Told, rules: BreakerRules) {
        let (queue, watched) = (self.clone(), watched.clone());
        self.detach(async move {
            if let Err(error) = queue.told(&watched, told, rules).await {
                tracing::debug!(%error, "the fleet does not hear of a provider's health");
            }
        });
    }

    async fn told(
        &self,
        watched: &Watched,
        told: Told,
        rules: BreakerRules,
    ) -> Result<(), Unavailable> {
        let (word, asked) = match told {
            Told::Well => ("well", None),
            Told::Ill => ("ill", None),
            Told::Busy(asked) => ("busy", asked),
            Told::Gone => ("gone", None),
            Told::Barred => ("barred", None),
        };
        let script = Script::new(include_str!("scripts/breaker_tell.lua"));
        let mut call = script.prepare_invoke();
        call.key(self.names().provider(watched.provider));
        call.key(self.names().model(watched.provider, &watched.model));
        call.arg(word).arg(asked.map_or(-1, ms)).arg(rules.failures);
        let spans = [
            rules.window,
            rules.open,
            rules.off,
            rules.cool_first,
            rules.cool_last,
            rules.cool_asked,
        ];
        for span in spans {
            call.arg(ms(span));
        }
        call.arg(ms(MEMORY));
        self.within(BEST_EFFORT, call.invoke_async(&mut self.shared())).await
    }

    /// Whether the caller may ask now: of what is half open, it is the only one in the fleet until it tells.
    pub async fn claim_probe(
        &self,
        watched: &Watched,
        rules: BreakerRules,
        limit: Duration,
    ) -> Result<bool, Unavailable> {
        let script = Script::new(include_str!("scripts/breaker_claim.lua"));
        let mut call = script.prepare_invoke();
        call.key(self.names().model(watched.provider, &watched.model));
        call.arg(ms(rules.probe)).arg(ms(MEMORY));
        self.within(limit, call.invoke_async(&mut self.shared())).await
    }
}

fn looked(state: u8, left: u64) -> Looked {
    let left = Duration::from_millis(left);
    match state {
        1 => Looked::Open(left),
        2 => Looked::HalfOpen,
        3 => Looked::Cooling(left),
        4 => Looked::Off(left),
        _ => Looked::Closed,
    }
}

fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
