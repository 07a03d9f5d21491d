use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_llm::{Health, HealthStore, LocalHealth, Mark, Outcome, TargetKey, rules};
use ninja_queue::{BreakerRules, Looked, Queue, Told, Watched};

/// How long an answer of the fleet is good, and how long a silent Redis is not asked again.
const FRESH: Duration = Duration::from_millis(250);
/// Nobody waits longer for it: a call goes on with what this process knows.
const PATIENCE: Duration = Duration::from_millis(20);
/// Targets that are remembered at most.
const MOST: usize = 10_000;

const RULES: BreakerRules = BreakerRules {
    failures: rules::FAILURES,
    window: rules::WINDOW,
    open: rules::OPEN,
    probe: rules::PROBE,
    off: rules::OFF,
    cool_first: rules::COOL_FIRST,
    cool_last: rules::COOL_LAST,
    cool_asked: rules::COOL_ASKED,
};

/// The health of providers as the whole fleet knows it; without Redis, as this process does.
#[derive(Debug)]
pub(crate) struct FleetHealth {
    queue: Queue,
    local: LocalHealth,
    known: Mutex<Known>,
}

/// What need not be asked again at once.
#[derive(Debug, Default)]
struct Known {
    fleet: HashMap<TargetKey, (Instant, Health)>,
    /// When this process last told something that the fleet may not have heard yet.
    told: HashMap<TargetKey, Instant>,
    /// When Redis last did not answer in time.
    silent: Option<Instant>,
}

/// What this process still knows from a moment ago.
enum Memory {
    /// How each target was.
    Fresh(Vec<Health>),
    /// That Redis was silent.
    Silence,
    /// Nothing: Redis is to be asked.
    Nothing,
}

impl FleetHealth {
    pub(crate) fn new(queue: Queue) -> Self {
        Self { queue, local: LocalHealth::default(), known: Mutex::default() }
    }

    async fn fleet(&self, targets: &[TargetKey]) -> Option<Vec<Health>> {
        match self.known().of(targets) {
            Memory::Fresh(known) => return Some(known),
            Memory::Silence => return None,
            Memory::Nothing => {}
        }
        let watched: Vec<_> = targets.iter().map(watched).collect();
        let looked = self.queue.look(&watched, PATIENCE).await;
        let mut known = self.known();
        let now = Instant::now();
        match looked {
            Ok(looked) => {
                let looked: Vec<_> = looked.into_iter().map(health).collect();
                known.keep(targets, &looked, now);
                Some(looked)
            }
            Err(error) => {
                if known.silent.replace(now).is_none_or(|last| last.elapsed() > FRESH * 40) {
                    tracing::debug!(%error, "this process alone judges the health of providers");
                }
                None
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// What is known of all `targets`.
    fn of(&self, targets: &[TargetKey]) -> Memory {
        if self.silent.is_some_and(|at| at.elapsed() < FRESH) {
            return Memory::Silence;
        }
        let one = |target| {
            let (at, health) = self.fleet.get(target)?;
            let age = at.elapsed();
            (age < FRESH).then(|| aged(*health, age))
        };
        targets.iter().map(one).collect::<Option<_>>().map_or(Memory::Nothing, Memory::Fresh)
    }

    fn keep(&mut self, targets: &[TargetKey], looked: &[Health], now: Instant) {
        self.silent = None;
        if self.fleet.len() >= MOST {
            self.fleet.clear();
        }
        for (target, health) in targets.iter().zip(looked) {
            self.fleet.insert(target.clone(), (now, *health));
        }
    }
}

#[async_trait]
impl HealthStore for FleetHealth {
    async fn look(&self, targets: &[TargetKey]) -> Vec<Health> {
        let Some(fleet) = self.fleet(targets).await else { return self.local.look(targets).await };
        let known = self.known();
        let fresh =
            |target: &TargetKey| known.told.get(target).is_some_and(|at| at.elapsed() < FRESH);
        let both = targets.iter().zip(fleet).map(|(target, fleet)| {
            // What this process told a moment ago it holds to, whether or not the fleet has heard it.
            if fresh(target) { worse(fleet, self.local.of(target)) } else { fleet }
        });
        both.collect()
    }

    fn report(&self, target: &TargetKey, outcome: Outcome) {
        self.local.report(target, outcome);
        let mark = Mark::of(outcome);
        {
            let mut known = self.known();
            known.fleet.remove(target);
            if known.told.len() >= MOST {
                known.told.clear();
            }
            if mark == Mark::Well {
                known.told.remove(target);
            } else {
                known.told.insert(target.clone(), Instant::now());
            }
        }
        self.queue.tell(&watched(target), told(mark), RULES);
    }

    async fn claim_probe(&self, target: &TargetKey) -> bool {
        match self.queue.claim_probe(&watched(target), RULES, PATIENCE).await {
            Ok(mine) => mine,
            Err(_silent) => self.local.claim(target),
        }
    }
}

fn watched(target: &TargetKey) -> Watched {
    Watched { provider: target.provider, model: target.model.clone() }
}

const fn told(mark: Mark) -> Told {
    match mark {
        Mark::Well => Told::Well,
        Mark::Ill => Told::Ill,
        Mark::Busy(asked) => Told::Busy(asked),
        Mark::Gone => Told::Gone,
        Mark::Barred => Told::Barred,
    }
}

const fn health(looked: Looked) -> Health {
    match looked {
        Looked::Closed => Health::Closed,
        Looked::Open(left) => Health::Open(left),
        Looked::HalfOpen => Health::HalfOpen,
        Looked::Cooling(left) => Health::Cooling(left),
        Looked::Off(left) => Health::Off(left),
    }
}

/// What was seen some time ago, as it is now.
fn aged(health: Health, age: Duration) -> Health {
    let rest = |left: Duration, still: fn(Duration) -> Health| match left.saturating_sub(age) {
        Duration::ZERO => Health::HalfOpen,
        left => still(left),
    };
    match health {
        Health::Open(left) => rest(left, Health::Open),
        Health::Cooling(left) => rest(left, Health::Cooling),
        Health::Off(left) => rest(left, Health::Off),
        Health::Closed | Health::HalfOpen => health,
    }
}

fn worse(a: Health, b: Health) -> Health {
    let weight = |health| match health {
        Health::Closed => (0, Duration::ZERO),
        Health::HalfOpen => (1, Duration::ZERO),
        Health::Open(left) | Health::Cooling(left) | Health::Off(left) => (2, left),
    };
    if weight(b) > weight(a) { b } else { a }
}

#[cfg(test)]
mod tests;
