use std::fmt;

use async_trait::async_trait;
use ninja_types::{ProviderId, ProviderKind};
use secrecy::SecretString;
use url::Url;

use crate::answer::Completion;
use crate::chat::ChatRequest;
use crate::error::ProviderError;

/// One wire format. Implementations make exactly one request: they never retry, fall back, sleep or price.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Which.
    fn kind(&self) -> ProviderKind;

    /// Asks, always streaming; text goes to `deltas` as it comes. To drop the future cuts the stream.
    async fn chat(
        &self,
        target: &Target,
        request: &ChatRequest,
        deltas: &dyn DeltaSink,
    ) -> Result<Completion, ProviderError>;

    /// Which models there are; also the first half of a test of the connection.
    async fn models(&self, target: &Target) -> Result<Vec<ModelInfo>, ProviderError>;
}

/// Where one request goes.
#[derive(Clone)]
pub struct Target {
    /// Of the provider's settings.
    pub provider: ProviderId,
    /// Ends with a slash.
    pub base_url: Url,
    /// `None`: the server asks for none.
    pub key: Option<SecretString>,
    /// As the provider calls it.
    pub model: String,
    /// Sent as `X-Client-Request-Id`: `<step>.<call>.<epoch>`.
    pub request_id: String,
    /// Tokens of the context that the server is asked to hold (Ollama only).
    pub context_tokens: u64,
    /// The model obeys a JSON Schema; else the schema stands in the prompt.
    pub json_schema: bool,
    /// The operator's limits of time.
    pub patience: Patience,
}

/// How long a provider may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until the first byte of an answer.
    pub first_byte: std::time::Duration,
    /// Between two pieces of it.
    pub idle: std::time::Duration,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("provider", &self.provider)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// What health is kept of: one model of one provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetKey {
    /// The provider.
    pub provider: ProviderId,
    /// Its model.
    pub model: String,
}

/// Takes text as a model writes it. What is said here is for show: the answer is what the call returns.
#[async_trait]
pub trait DeltaSink: Send + Sync {
    /// One piece.
    async fn say(&self, text: &str);
}

/// A model that a provider has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// As the provider calls it.
    pub name: String,
    /// Tokens of its window, where the provider says so.
    pub context_tokens: Option<u64>,
    /// It calls tools, where the provider says so.
    pub tools: Option<bool>,
}
