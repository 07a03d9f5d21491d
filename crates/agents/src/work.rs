use std::collections::BTreeMap;

use ninja_types::{AgentKind, FileId, StepId, TaskId, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::CheckResult;

/// A step that is to be run: all that it may read.
#[derive(Clone, Debug)]
pub struct StepWork {
    /// Its task.
    pub task: TaskId,
    /// Itself.
    pub step: StepId,
    /// Who does it.
    pub agent: AgentKind,
    /// What is asked of the agent; `None` where the agent has only one thing to do.
    pub capability: Option<String>,
    /// As the planner stored them.
    pub inputs: StepInputs,
    /// What the steps it depends on answered, by key.
    pub results: BTreeMap<String, Value>,
    /// The uploaded files that the task names.
    pub files: Vec<InputFile>,
    /// What the steps it depends on made.
    pub artifacts: Vec<InputArtifact>,
}

/// What the planner stores with a step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepInputs {
    /// Arguments of the capability; references to other steps are still in place.
    pub parameters: Value,
    /// Files of the task, which every step has.
    #[serde(default)]
    pub files: Vec<FileId>,
}

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its id.
    pub id: FileId,
    /// As it was uploaded.
    pub filename: String,
    /// Its content in the store.
    pub sha256: String,
}

/// A file that a step made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputArtifact {
    /// Key of that step.
    pub step: String,
    /// Relative to that step's workspace.
    pub path: String,
    /// Its content in the store.
    pub sha256: String,
}

/// A file that this step made, stored by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArtifact {
    /// Relative to the workspace.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// By name and content.
    pub content_type: String,
    /// Its content in the store, hex.
    pub sha256: String,
}

/// A step that was done, and whose contract held.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDone {
    /// One sentence for a person.
    pub summary: String,
    /// What the capability answered.
    pub output: Value,
    /// What was checked.
    pub checks: Vec<CheckResult>,
    /// What its calls used.
    pub usage: Usage,
    /// What it made.
    pub artifacts: Vec<NewArtifact>,
}
