use std::collections::BTreeMap;

use ninja_tools::MadeFile;
use ninja_types::{AgentKind, ArtifactId, FileId, StepId, TaskId, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::CheckResult;

/// A step that is to be run: all that it may read.
#[derive(Clone, Debug)]
pub struct StepWork {
    /// Its task.
    pub task: TaskId,
    /// What the task is called.
    pub title: String,
    /// What the user asked for, in their words.
    pub description: String,
    /// `provider/model` that the task asks for first.
    pub model: Option<String>,
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
    /// What the steps it depends on made, and what the task was given of other tasks.
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
    /// Its id.
    pub id: ArtifactId,
    /// Key of that step; `None`: a step of another task.
    pub step: Option<String>,
    /// Relative to that step's workspace.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// By name and content.
    pub content_type: String,
    /// Its content in the store.
    pub sha256: String,
}

/// A file that this step made, stored by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArtifact {
    /// Chosen when the step kept it, so that its result can name it.
    pub id: ArtifactId,
    /// Relative to the workspace.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// By name and content.
    pub content_type: String,
    /// Its content in the store, hex.
    pub sha256: String,
    /// The one to look at first, of all that the task makes.
    pub main: bool,
}

impl NewArtifact {
    /// A stored file under a new id.
    pub(crate) fn of(file: MadeFile) -> Self {
        let MadeFile { path, size, content_type, sha256 } = file;
        Self { id: ArtifactId::new(), path, size, content_type, sha256, main: false }
    }
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
