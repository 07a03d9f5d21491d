use ninja_types::{NotDone, PlanSource};
use serde::{Deserialize, Serialize};

/// Where a task's plan came from and how far it is: column `tasks.plan`, changed under the task's lock only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanState {
    /// Where it came from.
    pub source: PlanSource,
    /// Steps, optional ones too.
    pub steps_total: i32,
    /// Of these completed.
    pub steps_completed: i32,
    /// Of these failed.
    pub steps_failed: i32,
    /// Steps without which the task cannot complete.
    pub required_total: i32,
    /// Of these completed.
    pub required_completed: i32,
    /// What was asked for and is not planned.
    #[serde(default)]
    pub not_done: Vec<NotDone>,
}

impl PlanState {
    /// Percent of the required steps that completed, at most 99: only a completed task is at 100.
    pub fn progress(&self) -> i32 {
        (100 * self.required_completed / self.required_total.max(1)).min(99)
    }
}
