use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What a task used up of its wall time and of its calls: column `tasks.meter`, changed under the task's lock only.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Meter {
    /// Calls that its steps began.
    pub(super) calls: u32,
    /// Milliseconds that count, in stretches that are over.
    ran_ms: i64,
    /// The begin of the stretch that is not.
    running_since: Option<DateTime<Utc>>,
}

impl Meter {
    /// How long the task has been running. Pauses and waits do not count.
    pub(super) fn ran(&self, now: DateTime<Utc>) -> TimeDelta {
        let ran = TimeDelta::milliseconds(self.ran_ms);
        self.running_since.map_or(ran, |since| ran + (now - since))
    }

    /// Time counts from `since` on, unless it does already.
    pub(super) fn run(&mut self, since: DateTime<Utc>) {
        self.running_since.get_or_insert(since);
    }

    /// Time counts no more.
    pub(super) fn rest(&mut self, now: DateTime<Utc>) {
        self.ran_ms = self.ran(now).num_milliseconds();
        self.running_since = None;
    }
}
