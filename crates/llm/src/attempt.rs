use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ninja_types::ModelErrorClass;
use tracing::Instrument;

use crate::answer::{Attempt, Charge, Completion, Tokens};
use crate::chat::ChatRequest;
use crate::deltas::{Listener, Numbered};
use crate::error::{ProviderError, Seen};
use crate::estimate;
use crate::models::{CallContext, Models};
use crate::provider::{Patience, Provider, Target, TargetKey};
use crate::route::Candidate;
use crate::telemetry;

/// One try at one model, and what it needs.
pub(crate) struct Try<'a> {
    pub(crate) models: &'a Models,
    pub(crate) context: &'a CallContext<'a>,
    pub(crate) candidate: &'a Candidate<'a>,
    pub(crate) provider: &'a dyn Provider,
    /// The breaker is half open: this is its probe.
    pub(crate) probe: bool,
    /// Tokens that are estimated to be read.
    pub(crate) input: u64,
    /// Tokens that the answer may have.
    pub(crate) output: u32,
}

/// How a try ended.
pub(crate) enum Tried {
    /// With something that is yet to be checked.
    Answered(Completion),
    /// Without an answer.
    Failed(ProviderError),
    /// The caller has no more time: nobody's fault.
    Late(ProviderError),
    /// The caller stopped it.
    Stopped(ProviderError),
}

impl Try<'_> {
    /// Asks once. The stream is cut as soon as the caller stops, or has no more time.
    pub(crate) async fn run(
        &self,
        request: &ChatRequest,
        numbered: &Numbered<'_>,
    ) -> (Tried, Attempt, Duration) {
        let key = self.candidate.key();
        let listener = self.listener(numbered, &key);
        let request = self.fitted(request);
        let target = self.target(&request);
        let span = telemetry::span(self.candidate, &request);
        let began = Instant::now();
        let asking = self.provider.chat(&target, &request, &listener).instrument(span.clone());
        let limit = self.models.config.calls.call_seconds.duration();
        let wall = (began + limit).min(self.context.deadline);
        let tried = tokio::select! {
            biased;
            () = self.context.stop.cancelled() => {
                Tried::Stopped(cut("stopped by the caller", &listener))
            }
            asked = tokio::time::timeout_at(wall.into(), asking) => match asked {
                Ok(Ok(completion)) => Tried::Answered(completion),
                Ok(Err(error)) => Tried::Failed(error),
                Err(_elapsed) if wall < began + limit => {
                    Tried::Late(cut("no whole answer before the deadline of the step", &listener))
                }
                Err(_elapsed) => Tried::Failed(cut("no whole answer in time", &listener)),
            },
        };
        let took = began.elapsed();
        let first = listener.first.get().map(|at| at.duration_since(began));
        let attempt = self.attempt(&tried, took);
        telemetry::attempt(&span, self.candidate, &attempt, &tried, first);
        (tried, attempt, took)
    }

    fn listener<'b>(&'b self, numbered: &'b Numbered<'b>, key: &'b TargetKey) -> Listener<'b> {
        let (bytes, first) = (AtomicU64::new(0), OnceLock::new());
        let health = self.models.outside.health.as_ref();
        Listener { numbered, health, probe: self.probe.then_some(key), bytes, first }
    }

    /// The request with the answer that there is room for.
    fn fitted<'b>(&self, request: &'b ChatRequest) -> Cow<'b, ChatRequest> {
        if request.max_output_tokens == self.output {
            return Cow::Borrowed(request);
        }
        Cow::Owned(ChatRequest { max_output_tokens: self.output, ..request.clone() })
    }

    fn target(&self, request: &ChatRequest) -> Target {
        let (candidate, calls) = (self.candidate, &self.models.config.calls);
        Target {
            provider: candidate.provider.id,
            base_url: candidate.provider.base_url.clone(),
            key: candidate.provider.key.clone(),
            model: candidate.model.clone(),
            request_id: self.context.request_id.clone(),
            context_tokens: candidate.features.context_tokens,
            json_schema: request.output_schema.is_some() && candidate.features.json_schema,
            patience: Patience {
                first_byte: calls.first_byte_seconds.duration(),
                idle: calls.idle_seconds.duration(),
            },
        }
    }

    fn attempt(&self, tried: &Tried, took: Duration) -> Attempt {
        let (charge, error) = match tried {
            Tried::Answered(completion) => {
                (self.charge(completion.tokens, answer_bytes(completion)), None)
            }
            // A provider that did not begin asks for nothing; one that was cut off by us may have begun unseen.
            Tried::Failed(error) if !error.seen.began() => (Charge::default(), Some(error)),
            Tried::Failed(error) | Tried::Late(error) | Tried::Stopped(error) => {
                (self.charge(error.seen.tokens, error.seen.bytes), Some(error))
            }
        };
        Attempt {
            provider: self.candidate.provider.name.clone(),
            model: self.candidate.model.clone(),
            class: error.map(|error| error.class),
            status: error.and_then(|error| error.status),
            message: error.map(|error| error.message.clone()),
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            charge,
        }
    }

    fn charge(&self, reported: Option<Tokens>, bytes: u64) -> Charge {
        let (tokens, usage_estimated) = estimate::completed(reported, self.input, bytes);
        let price = &self.candidate.price;
        Charge { tokens, cost: price.of(&tokens), usage_estimated, price_assumed: price.assumed }
    }
}

/// Bytes that a model wrote.
fn answer_bytes(completion: &Completion) -> u64 {
    let reasoning = completion.reasoning.as_ref().map_or(0, String::len);
    let calls: usize = completion.tool_calls.iter().map(estimate::call_bytes).sum();
    u64::try_from(completion.text.len() + reasoning + calls).unwrap_or(u64::MAX)
}

/// What is known of an attempt that was cut off from here.
fn cut(message: &str, listener: &Listener<'_>) -> ProviderError {
    ProviderError {
        class: ModelErrorClass::TimeoutIdle,
        status: None,
        code: None,
        message: message.to_owned(),
        retry_after: None,
        seen: Seen { bytes: listener.bytes.load(Ordering::Relaxed), tokens: None },
    }
}
