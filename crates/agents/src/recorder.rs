use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use ninja_llm::{Charge, Fallback, Granted, WorstCase};
use ninja_types::{CallKind, DeltaStream, Effect, Failure, MessageId, Usage};
use serde::{Deserialize, Serialize};
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

    /// What an earlier attempt asked under this number. What a step reads of the moving world stands in the request
    /// that first used it, and replay takes it from there.
    fn asked(&self, call_no: i32) -> Option<Value>;

    /// Commits that the call is about to begin, or to begin again, and what is reserved for it: nothing for a tool.
    async fn intend(&self, call: &NewCall) -> Result<Granted, RecordError>;

    /// Reserves more for a call of a model: an attempt broke that must be paid for.
    async fn extend(&self, call_no: i32, more: &WorstCase) -> Result<Granted, RecordError>;

    /// No model answered, and another attempt may ask again: what broke is charged, the rest of the reservation is free.
    async fn release(&self, call_no: i32, charge: &Charge) -> Result<(), RecordError>;

    /// Commits the answer, before anything acts on it.
    async fn finish(&self, call_no: i32, answer: &CallAnswer) -> Result<(), RecordError>;

    /// Everything that the user told the task so far, oldest first.
    async fn messages(&self) -> Result<Vec<UserMessage>, RecordError>;

    /// The attempt's epoch: with step and number it names a call to the outside.
    fn epoch(&self) -> i64;

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
    /// What a model may cost; `None` for a tool.
    pub reserve: Option<WorstCase>,
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
    /// Which model answered, where one did.
    pub model: Option<AskedModel>,
}

/// What a user told a task while it was open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMessage {
    /// Its id.
    pub id: MessageId,
    /// In their words.
    pub content: String,
}

/// Who answered a call of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedModel {
    /// The provider's name.
    pub provider: String,
    /// As the provider calls it.
    pub model: String,
    /// Hash of the price that was taken.
    pub price_version: String,
    /// Who was asked before, in vain.
    pub fallbacks: Vec<Fallback>,
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
