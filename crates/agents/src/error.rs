use std::time::Duration;

use ninja_tools::ToolError;
use ninja_types::{Failure, FailureCode};
use thiserror::Error;

use crate::RecordError;

/// How an attempt of a step ends without a result. Who raises it decides on the retry.
#[derive(Debug, Error)]
pub enum StepError {
    /// It may pass.
    #[error("worth a retry: {}", failure.message)]
    Retry {
        /// How long to wait; `None` is the usual back-off of a job.
        after: Option<Duration>,
        /// What the step fails with when no attempt is left.
        failure: Failure,
    },
    /// What it needs rests, and nobody is to blame: again in a while, uncharged.
    #[error("resting: {}", failure.message)]
    Unavailable {
        /// How long.
        after: Duration,
        /// What the step fails with when this goes on.
        failure: Failure,
    },
    /// It will not pass.
    #[error("{}: {}", .0.code, .0.message)]
    Fail(Failure),
    /// The stop signal fired; who gave it knows why.
    #[error("stopped")]
    Stopped,
    /// The journal could not be written.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl StepError {
    /// A permanent failure.
    pub(crate) fn fail(code: FailureCode, message: impl Into<String>) -> Self {
        Self::Fail(Failure::new(code, message))
    }

    /// A program of ours did what it must not.
    pub(crate) fn program_failed(what: &str) -> Self {
        tracing::error!(what, "a program of ours failed");
        let failure = Failure::new(FailureCode::Internal, format!("This is our fault: {what}."));
        Self::Fail(failure.with(serde_json::json!({ "reason": "program_failed" })))
    }

    /// A fault of our own code.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a step met what must not be");
        Self::fail(FailureCode::Internal, "This is our fault; the worker's log has the cause.")
    }
}

impl From<ToolError> for StepError {
    fn from(error: ToolError) -> Self {
        match error {
            ToolError::Failed(failure) => Self::Fail(failure),
            ToolError::Retry(failure) => Self::Retry { after: None, failure },
            ToolError::Stopped => Self::Stopped,
        }
    }
}
