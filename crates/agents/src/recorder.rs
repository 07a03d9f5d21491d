use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use ninja_types::{CallKind, DeltaStream, Effect, Failure, Usage};
use serde_json::Value;
use thiserror::Error;

/// SHA-256 of the canonical JSON of what is called and with what.
pub type RequestHash = [u8; 32];

/// The journal of one attempt of a step. The worker implements it; every write shows its lease.
#[async_trait]
pub trait Recorder: Send + Sync {
    /// The stored answer of this call from an earlier attempt. If the journal holds another request under this
    /// number, the history from here on is left behind, and `None` is the answer.
    async fn finished(
        &self,
        call_no: i32,
        request_hash: &RequestHash,
    ) -> Result<Option<CallAnswer>, RecordError>;

    /// Commits that the call is about to begin, or to begin again.
    async fn intend(&self, call: &NewCall) -> Result<(), RecordError>;

    /// Commits the answer, before anything acts on it.
    async fn finish(&self, call_no: i32, answer: &CallAnswer) -> Result<(), RecordError>;

    /// Passes a piece of output on. No row; the first thing to be dropped.
    async fn delta(&self, call_no: i32, index: u64, stream: DeltaStream, text: String);
}

/// A call that is about to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCall {
    /// From 1, in the order of issue.
    pub call_no: i32,
    /// A model or a tool.
    pub kind: CallKind,
    /// Which one.
    pub name: &'static str,
    /// What a takeover may do when no answer is stored.
    pub effect: Effect,
    /// What replay compares.
    pub request_hash: RequestHash,
    /// The arguments.
    pub request: Value,
}

/// What a call answered.
#[derive(Clone, Debug, PartialEq)]
pub struct CallAnswer {
    /// The output, or the failure that would come again.
    pub response: Result<Value, Failure>,
    /// What it used.
    pub usage: Usage,
    /// How long it took.
    pub duration: Duration,
}

/// Why the journal could not be written.
#[derive(Debug, Error)]
pub enum RecordError {
    /// Another worker holds the job, or nobody may any more: stop, and write nothing.
    #[error("the job is held by somebody else")]
    Lost,
    /// No call may begin now, and the journal has said so in the step's row: stop, and write nothing.
    #[error("no call may begin, and the attempt is over")]
    Over,
    /// The database is away; nobody is to blame.
    #[error("the journal cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A fault of our own.
    #[error("the journal refused the entry")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}
