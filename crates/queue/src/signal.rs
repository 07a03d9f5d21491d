use ninja_types::{JobId, TaskId};
use serde::{Deserialize, Serialize};

/// A hint to workers to look at a row now. The row is the order: a heartbeat brings it within three seconds too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "signal", content = "id", rename_all = "snake_case")]
pub enum Signal {
    /// The task is being cancelled: stop its steps.
    Cancel(TaskId),
    /// The task was paused: hand its steps back when the call in flight ends.
    Pause(TaskId),
}

/// What there is to tell of the providers of models. Rows tell the same to whoever asks later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", content = "id", rename_all = "snake_case")]
pub enum ProviderNews {
    /// One of them, or their order, is not what it was.
    Changed,
    /// This job has tested one.
    Tested(JobId),
}
