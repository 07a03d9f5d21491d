use std::time::Duration;

use ninja_types::ModelErrorClass;
use thiserror::Error;

use crate::answer::{Attempt, Charge, Tokens};
use crate::outside::Refused;

/// One attempt at one provider that gave no answer. Never holds the request, a key or a whole body.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{class}: {message}")]
pub struct ProviderError {
    /// Decides what happens next.
    pub class: ModelErrorClass,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// The vendor's own code.
    pub code: Option<String>,
    /// At most 300 characters, redacted.
    pub message: String,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What was received before it failed.
    pub seen: Seen,
}

/// What came before an attempt failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Bytes of text, reasoning and tool arguments.
    pub bytes: u64,
    /// Usage, where it was reported before the end.
    pub tokens: Option<Tokens>,
}

impl Seen {
    /// The provider had begun to answer: the attempt is to be paid.
    pub fn began(&self) -> bool {
        self.bytes > 0 || self.tokens.is_some()
    }
}

/// A call that no model answered.
#[derive(Debug, Error)]
#[error("{fault}")]
pub struct CallError {
    /// Why.
    #[source]
    pub fault: CallFault,
    /// What the attempts cost all the same.
    pub charge: Charge,
    /// Every try in its order.
    pub attempts: Vec<Attempt>,
}

/// Why no model answered.
#[derive(Debug, Error)]
pub enum CallFault {
    /// None is configured that may be asked.
    #[error("no model is configured")]
    NoModel,
    /// All that could answer are resting: again in a while, uncharged.
    #[error("no provider can be asked now")]
    Unavailable {
        /// How long.
        after: Duration,
    },
    /// The key, the account or the model of every candidate is refused: an admin has to look.
    #[error("every provider refuses its key, its account or its model")]
    Off(Vec<String>),
    /// No model that is configured can do what the request needs; the reasons by candidate.
    #[error("no configured model fits")]
    Unfit(Vec<(String, &'static str)>),
    /// The provider will never take this request.
    #[error("the provider rejected the request")]
    Rejected(#[source] ProviderError),
    /// The provider will not answer this.
    #[error("the provider refused the content")]
    ContentRefused(#[source] ProviderError),
    /// The request is longer than the window of every model.
    #[error("the request is too long")]
    ContextTooLong,
    /// The answer is none, and may be repaired by a turn that says so.
    #[error("the answer is malformed")]
    Malformed(#[source] ProviderError),
    /// The caller's budget or journal refused.
    #[error(transparent)]
    Refused(Refused),
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
}
