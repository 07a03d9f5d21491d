use serde::{Deserialize, Serialize};

use crate::names::named;
use crate::{StepId, TaskId};

named! {
    /// What a delta is a piece of.
    DeltaStream ("delta stream") {
        /// A model's answer.
        Text = "text",
        /// A program's standard output.
        Stdout = "stdout",
        /// A program's standard error.
        Stderr = "stderr",
    }
}

/// A piece of output as it appears: never numbered like an event, never stored, dropped first under pressure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// The task.
    pub task_id: TaskId,
    /// The step that speaks.
    pub step_id: StepId,
    /// The call whose output this is.
    pub call_no: i32,
    /// The attempt's epoch.
    pub epoch: i64,
    /// Counts per call from 0. A gap means dropped text; not above the last one: the output begins anew.
    pub index: u64,
    /// Which stream.
    pub stream: DeltaStream,
    /// The text.
    pub text: String,
}
