use std::sync::Arc;

use async_trait::async_trait;
use ninja_files::Store;
use ninja_sandbox::Sandbox;
use ninja_types::{DeltaStream, Effect, Failure, FailureCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

/// Something that a running agent may call. Arguments and output are JSON: they stand in the journal.
#[async_trait]
pub trait Tool: Send + Sync {
    /// What it is called with; its schema is what a model sees.
    type Args: Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// What it answers. Read back from the journal when a takeover replays the call.
    type Output: Serialize + DeserializeOwned + Send;
    /// Name, effect, description.
    const SPEC: ToolSpec;

    /// Does it, once. Nothing here retries.
    async fn run(
        &self,
        args: &Self::Args,
        context: &ToolContext<'_>,
    ) -> Result<Self::Output, ToolError>;
}

/// What there is to know about a tool before it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolSpec {
    /// A verb and a noun.
    pub name: &'static str,
    /// What a takeover may do with a call that was never answered.
    pub effect: Effect,
    /// For people and models.
    pub description: &'static str,
}

/// What the tools of one worker work with. Built once, when the worker has proven its sandbox.
#[derive(Clone)]
pub struct Bench {
    /// Where the bytes of uploads and artifacts are.
    pub store: Store,
    /// The proven sandbox, or why there is none, as a sentence.
    pub sandbox: Result<Arc<Sandbox>, String>,
}

impl Bench {
    /// The sandbox, or the failure of a step that needs one.
    pub(crate) fn sandbox(&self) -> Result<&Sandbox, ToolError> {
        self.sandbox.as_deref().map_err(|reason| {
            ToolError::Failed(Failure::new(FailureCode::SandboxUnavailable, reason.clone()))
        })
    }
}

/// What surrounds one call of a tool.
#[derive(Clone, Copy)]
pub struct ToolContext<'a> {
    /// The worker's means.
    pub bench: &'a Bench,
    /// Fires when the call must end now: cancel, drain, lost lease.
    pub stop: &'a CancellationToken,
    /// Where output goes as it appears.
    pub live: &'a dyn Live,
}

/// Who listens to a program while it runs.
#[async_trait]
pub trait Live: Send + Sync {
    /// A piece of output, whole characters only. Best effort: it may be dropped.
    async fn say(&self, stream: DeltaStream, text: String);
}

/// How a call ends that has no output. Who raises it decides on the retry.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolError {
    /// It will fail the same way again: recorded, and the step fails unless its capability knows better.
    Failed(Failure),
    /// A fault of the platform that may pass; the failure is what remains if it does not.
    Retry(Failure),
    /// `stop` fired.
    Stopped,
}
