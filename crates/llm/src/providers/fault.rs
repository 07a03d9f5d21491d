use std::error::Error;

use ninja_types::{Clock, ModelErrorClass};
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::codes::{self, Table};
use super::{redact, retry_after};
use crate::chat::{ChatRequest, Message, Part};
use crate::error::{ProviderError, Seen};
use crate::provider::Target;

/// One request and what came back: turns whatever is no answer into an error that repeats neither key nor request.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'a> {
    pub(super) target: &'a Target,
    /// `None`: models were asked for.
    pub(super) request: Option<&'a ChatRequest>,
    pub(super) tables: &'static [Table],
}

impl Exchange<'_> {
    /// The provider answered with a status that is no success.
    pub(super) fn refused(&self, status: u16, headers: &HeaderMap, body: &str) -> ProviderError {
        let body: Value = serde_json::from_str(body).unwrap_or_else(|_| body.into());
        let told = error_of(&body);
        let mut error = self.named(told, |_| codes::of_status(status), Seen::default());
        error.status = Some(status);
        error.retry_after = retry_after::asked(headers, told, Clock::default().now());
        error
    }

    /// The provider reported a fault in the stream of its answer.
    pub(super) fn reported(&self, body: &Value, seen: Seen) -> ProviderError {
        let told = error_of(body);
        // Gateways put the status of the vendor behind them there.
        let status = |told: &Value| told.get("code").and_then(Value::as_u64);
        let class = |told: &Value| match status(told).and_then(|code| u16::try_from(code).ok()) {
            Some(code @ 400..600) => codes::of_status(code),
            _ => ModelErrorClass::Server,
        };
        let mut error = self.named(told, class, seen);
        error.retry_after = retry_after::asked(&HeaderMap::new(), told, Clock::default().now());
        error
    }

    /// The connection could not be made, or broke.
    pub(super) fn transport(&self, error: &reqwest::Error, seen: Seen) -> ProviderError {
        let class = if error.is_connect() && error.is_timeout() {
            ModelErrorClass::TimeoutConnect
        } else if error.is_builder() {
            // Of all that a request is built from, only a key can be unfit for a header.
            ModelErrorClass::Auth
        } else {
            ModelErrorClass::Broken
        };
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        // The error itself would name the address; its innermost cause does not.
        let cause = if error.is_builder() {
            "the request cannot be built".into()
        } else {
            cause.to_string()
        };
        self.error(class, &cause, seen)
    }

    /// The answer is none.
    pub(super) fn malformed(&self, what: &str, seen: Seen) -> ProviderError {
        self.error(ModelErrorClass::Malformed, what, seen)
    }

    /// The stream ended before the answer did.
    pub(super) fn cut(&self, seen: Seen) -> ProviderError {
        self.error(ModelErrorClass::Broken, "the stream ended before the answer did", seen)
    }

    /// Nothing came for too long.
    pub(super) fn silent(&self, answered: bool, seen: Seen) -> ProviderError {
        if answered {
            self.error(ModelErrorClass::TimeoutIdle, "the stream fell silent", seen)
        } else {
            self.error(ModelErrorClass::TimeoutFirstByte, "no answer in time", seen)
        }
    }

    /// An error of `class` that says `message`, as far as it may be said.
    pub(super) fn error(&self, class: ModelErrorClass, message: &str, seen: Seen) -> ProviderError {
        let key = self.target.key.as_ref().map(ExposeSecret::expose_secret);
        let said = self.request.map(words).unwrap_or_default();
        ProviderError {
            class,
            status: None,
            code: None,
            message: redact::redacted(message, key, &said),
            retry_after: None,
            seen,
        }
    }

    fn named(
        &self,
        told: &Value,
        otherwise: impl Fn(&Value) -> ModelErrorClass,
        seen: Seen,
    ) -> ProviderError {
        let codes = codes_of(told);
        let message = match told {
            Value::String(text) => text,
            _ => told.get("message").and_then(Value::as_str).unwrap_or("no reason given"),
        };
        let class = codes::named(self.tables, &codes, message).unwrap_or_else(|| otherwise(told));
        let mut error = self.error(class, message, seen);
        error.code = codes.first().map(|code| self.error(class, code, seen).message);
        error
    }
}

/// The error in a body: under `error`, in a list of one, or the body itself.
fn error_of(body: &Value) -> &Value {
    let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
    body.get("error").filter(|error| !error.is_null()).unwrap_or(body)
}

/// What the vendor calls it, most specific first.
fn codes_of(error: &Value) -> Vec<String> {
    let details = error.get("details").and_then(Value::as_array);
    let reasons = details.into_iter().flatten().filter_map(|detail| detail.get("reason"));
    ["code", "status", "type"]
        .iter()
        .filter_map(|name| error.get(name))
        .chain(reasons)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Every text of a request that a vendor might quote.
fn words(request: &ChatRequest) -> Vec<&str> {
    let mut words = vec![request.system.as_str()];
    for message in &request.messages {
        match message {
            Message::User { parts } => words.extend(parts.iter().map(|part| match part {
                Part::Text { text } => text.as_str(),
                Part::Image { data, .. } => data.as_str(),
            })),
            Message::Assistant { text, .. } => words.push(text),
            Message::Tool { content, .. } => words.push(content),
        }
    }
    words
}
