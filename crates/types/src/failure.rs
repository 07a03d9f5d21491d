use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::names::named;

named! {
    /// Why a task or step failed, as a stable code.
    FailureCode ("failure code") {
        /// A model is needed and none is configured.
        NoModel = "no_model",
        /// Every provider of models was away for too long.
        ProviderUnavailable = "provider_unavailable",
        /// The provider of a model will never take the request.
        ProviderRejected = "provider_rejected",
        /// The provider of a model will not answer this.
        ContentRefused = "content_refused",
        /// What the step has to tell a model is longer than any configured model reads.
        ContextTooLong = "context_too_long",
        /// A model went round in circles.
        LoopDetected = "loop_detected",
        /// A search engine is needed, and none is configured.
        NoSearch = "no_search",
        /// What a capability promises did not hold; `data.checks`.
        ContractFailed = "contract_failed",
        /// The plan cannot be run.
        PlanInvalid = "plan_invalid",
        /// It failed in a passing way, too often.
        AttemptsExhausted = "attempts_exhausted",
        /// It took its worker down three times.
        Poisoned = "poisoned",
        /// A budget is used up; `data.limit`.
        BudgetExceeded = "budget_exceeded",
        /// A file or output that it needs is gone.
        InputMissing = "input_missing",
        /// Its input is not what it must be.
        InputInvalid = "input_invalid",
        /// No worker has the language.
        LanguageUnavailable = "language_unavailable",
        /// Programs cannot be run safely here.
        SandboxUnavailable = "sandbox_unavailable",
        /// A fault of our own.
        Internal = "internal",
    }
}

/// A failure that a person can act on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable.
    pub code: FailureCode,
    /// What happened and what to do, in a sentence.
    pub message: String,
    /// Figures of the code; `{}` where there are none.
    #[serde(default = "empty")]
    pub data: Value,
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

impl Failure {
    /// A failure without figures.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: empty() }
    }

    /// The same with figures.
    #[must_use]
    pub fn with(self, data: Value) -> Self {
        Self { data, ..self }
    }
}
