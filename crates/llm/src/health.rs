use std::time::Duration;

use ninja_types::ModelErrorClass;

use crate::outside::{Health, Outcome};

/// The figures of all breakers, the fleet's and each process's.
pub mod rules {
    use std::time::Duration;

    /// Failures that open a breaker, if they come within [`WINDOW`].
    pub const FAILURES: usize = 5;
    /// How long a failure counts.
    pub const WINDOW: Duration = Duration::from_secs(30);
    /// How long a breaker stays open.
    pub const OPEN: Duration = Duration::from_secs(30);
    /// How long a probe may take before another one is let through.
    pub const PROBE: Duration = Duration::from_secs(30);
    /// How long a provider rests that refuses its key or its account, and a model that is not there.
    pub const OFF: Duration = Duration::from_mins(5);
    /// First rest after too many requests, where the provider names none; it doubles up to [`COOL_LAST`].
    pub const COOL_FIRST: Duration = Duration::from_secs(5);
    /// Longest rest that is not asked for.
    pub const COOL_LAST: Duration = Duration::from_mins(1);
    /// Longest rest that a provider may ask for.
    pub const COOL_ASKED: Duration = Duration::from_mins(10);
}
use rules::{COOL_ASKED, COOL_FIRST, COOL_LAST, FAILURES, OFF, OPEN, PROBE, WINDOW};

/// What an outcome means for a target. The one table of it: Redis is told the same word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It works.
    Well,
    /// It failed; a few of these open the breaker.
    Ill,
    /// It asked to be left alone, perhaps for so long.
    Busy(Option<Duration>),
    /// The model is not there.
    Gone,
    /// The provider takes neither this key nor this account: none of its models can be asked.
    Barred,
}

impl Mark {
    /// What `outcome` means. An answer that is of no use is an answer: the provider works.
    pub fn of(outcome: Outcome) -> Self {
        use ModelErrorClass as Class;
        match outcome {
            Outcome::Failed { class: Class::Auth | Class::Billing, .. } => Self::Barred,
            Outcome::Failed { class: Class::Rate, retry_after } => Self::Busy(retry_after),
            Outcome::Failed { class: Class::NotFound, .. } => Self::Gone,
            Outcome::Failed {
                class:
                    Class::Overloaded
                    | Class::Server
                    | Class::TimeoutConnect
                    | Class::TimeoutFirstByte
                    | Class::TimeoutIdle
                    | Class::Broken,
                ..
            } => Self::Ill,
            _ => Self::Well,
        }
    }
}

/// Why a target rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Open,
    Cooling,
    Off,
}

/// The breaker of one target: a state and an hour go in, a state comes out. It asks no clock.
///
/// Closed, it counts failures. Resting, it lets nobody through, and what calls tell that began earlier moves it no
/// further than a longer rest. Rested, it is half open: one probe at a time is let through, and what that tells decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: Vec<Duration>,
    rest: Option<(Duration, Why)>,
    /// Rests in a row that were asked for.
    streak: u32,
    /// Until when a probe is under way.
    probe: Duration,
}

impl Breaker {
    /// How the target is at `now`, counted from any fixed moment.
    pub fn look(&self, now: Duration) -> Health {
        let Some((until, why)) = self.rest else { return Health::Closed };
        match (until.saturating_sub(now), self.probe.saturating_sub(now)) {
            (Duration::ZERO, Duration::ZERO) => Health::HalfOpen,
            (Duration::ZERO, probing) => Health::Open(probing),
            (left, _) => why.health(left),
        }
    }

    /// Notes what a call told at `now`.
    pub fn note(&mut self, mark: Mark, now: Duration) {
        let resting = self.rest.filter(|(until, _)| now < *until);
        match (mark, resting) {
            (Mark::Well | Mark::Ill, Some(_)) => {}
            (Mark::Well, None) => *self = Self::default(),
            (Mark::Ill, None) if self.rest.is_some() => self.rest(now + OPEN, Why::Open),
            (Mark::Ill, None) => self.count(now),
            (Mark::Busy(asked), Some((until, why))) => {
                let asked = now + asked.unwrap_or_default().min(COOL_ASKED);
                self.rest = Some((until.max(asked), why));
            }
            (Mark::Busy(asked), None) => {
                let own = (COOL_FIRST * (1 << self.streak.min(8))).min(COOL_LAST);
                self.streak = self.streak.saturating_add(1);
                self.rest(now + asked.map_or(own, |asked| asked.min(COOL_ASKED)), Why::Cooling);
            }
            (Mark::Gone | Mark::Barred, _) => self.rest(now + OFF, Why::Off),
        }
    }

    /// Whether the caller may ask now. Of a half-open target it is the only one until it tells, or its time is over.
    pub fn claim(&mut self, now: Duration) -> bool {
        match self.look(now) {
            Health::Closed => true,
            Health::HalfOpen => {
                self.probe = now + PROBE;
                true
            }
            _ => false,
        }
    }

    fn count(&mut self, now: Duration) {
        self.failures.retain(|at| *at + WINDOW > now);
        self.failures.push(now);
        if self.failures.len() >= FAILURES {
            self.rest(now + OPEN, Why::Open);
        }
    }

    fn rest(&mut self, until: Duration, why: Why) {
        self.failures.clear();
        self.probe = Duration::ZERO;
        self.rest = Some((until, why));
    }
}

impl Why {
    const fn health(self, left: Duration) -> Health {
        match self {
            Self::Open => Health::Open(left),
            Self::Cooling => Health::Cooling(left),
            Self::Off => Health::Off(left),
        }
    }
}

#[cfg(test)]
mod tests;
