use chrono::{DateTime, Utc};
use ninja_types::{Event, TaskStatus, Time, UserId, WaitReason};
use serde_json::json;

use super::Locked;

impl Locked {
    /// Held back by `by`. Its ready jobs are held too, and its running steps handed back at their next call.
    pub(crate) fn pause(&mut self, by: UserId) {
        self.become_(TaskStatus::Paused);
        self.tell(Event::TaskPaused { by });
    }

    /// A paused or waiting task goes on.
    pub(crate) fn resume(&mut self) {
        let from = self.status;
        self.become_(TaskStatus::Running);
        self.tell(Event::TaskResumed { from });
    }

    /// Every open step waits: nothing is under way.
    pub(crate) fn wait(&mut self, reason: WaitReason, until: DateTime<Utc>) {
        self.become_(TaskStatus::Waiting);
        let waiting = json!({
            "reason": reason, "approval_id": null, "since": Time(self.now), "wait_until": Time(until),
        });
        self.change.waiting = Some(waiting);
        let wait_until = Time(until);
        self.tell(Event::TaskWaiting { reason, approval_id: None, wait_until });
    }

    /// Ends or begins a stretch of time that counts, as `next` says.
    pub(super) fn count_time(&mut self, next: TaskStatus) {
        match next {
            TaskStatus::Running => self.meter.run(self.now),
            TaskStatus::Cancelling => {}
            _ => self.meter.rest(self.now),
        }
    }
}
