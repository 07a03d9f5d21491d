//! Chat completions: of OpenAI, of DeepSeek, and of the many that speak like them.

use ninja_types::ProviderKind;
use serde_json::{Value, json};

use super::{Event, Format, Framing, Route, openai_check};
use crate::model_server::{
    answer::{Answer, Called},
    asked::Asked,
    http::Request,
    reply::{Refusal, Stop, Usage},
};

/// Whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    OpenAi,
    DeepSeek,
    Compatible,
}

impl Flavour {
    pub(super) fn kind(self) -> ProviderKind {
        match self {
            Self::OpenAi => ProviderKind::OpenAi,
            Self::DeepSeek => ProviderKind::DeepSeek,
            Self::Compatible => ProviderKind::Compatible,
        }
    }
}

#[derive(Debug)]
pub(super) struct OpenAi(pub(super) Flavour);

impl Format for OpenAi {
    fn route(&self, request: &Request, path: &str) -> Route {
        match (request.method.as_str(), path) {
            ("POST", "chat/completions") => Route::Chat,
            ("GET", "models") => Route::Models,
            _ => Route::Unknown,
        }
    }

    fn key(&self) -> Option<(&'static str, &'static str)> {
        (self.0 != Flavour::Compatible).then_some(("authorization", "Bearer "))
    }

    fn check(&self, request: &Request, _path: &str, body: &Value) -> Result<Asked, String> {
        openai_check::check(self.0, request, body)
    }

    fn events(&self, asked: &Asked, answer: &Answer) -> Vec<Event> {
        let chunk = |choices: Value| envelope("chat.completion.chunk", asked, answer, &choices);
        let delta =
            |delta: Value| chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]));
        let mut events = Vec::new();
        if self.0 == Flavour::DeepSeek {
            // A busy DeepSeek keeps connections alive with comments.
            events.push(Event { name: None, data: ": keep-alive".to_owned(), piece: false });
        }
        events.push(Event::frame(&delta(json!({"role": "assistant", "content": ""}))));
        if self.0 != Flavour::OpenAi {
            let pieces = answer.reasoning.iter();
            events.extend(pieces.map(|p| Event::piece(&delta(json!({"reasoning_content": p})))));
        }
        events.extend(answer.text.iter().map(|p| Event::piece(&delta(json!({"content": p})))));
        for (index, call) in answer.calls.iter().enumerate() {
            events
                .push(Event::frame(&delta(json!({"tool_calls": [{"index": index, "id": call.id,
                "type": "function", "function": {"name": call.name, "arguments": ""}}]}))));
            let pieces = call.pieces.iter().map(|piece| {
                Event::piece(&delta(json!({"tool_calls":
                    [{"index": index, "function": {"arguments": piece}}]})))
            });
            events.extend(pieces);
        }
        let reason = reason(&answer.stop);
        events.push(Event::frame(&chunk(
            json!([{"index": 0, "delta": {}, "finish_reason": reason}]),
        )));
        if let Some(usage) = answer.usage.filter(|_| asked.wants_usage) {
            let mut last = chunk(json!([]));
            last["usage"] = self.usage(usage);
            events.push(Event::frame(&last));
        }
        events.push(Event { name: None, data: "[DONE]".to_owned(), piece: false });
        events
    }

    fn framing(&self) -> Framing {
        Framing::Events
    }

    fn whole(&self, asked: &Asked, answer: &Answer) -> Value {
        let text = answer.text.concat();
        let content = if text.is_empty() { Value::Null } else { json!(text) };
        let mut message = json!({"role": "assistant", "content": content, "refusal": null});
        if self.0 != Flavour::OpenAi && !answer.reasoning.is_empty() {
            message["reasoning_content"] = json!(answer.reasoning.concat());
        }
        if !answer.calls.is_empty() {
            message["tool_calls"] = answer.calls.iter().map(called).collect();
        }
        let choice = json!({"index": 0, "message": message, "finish_reason": reason(&answer.stop)});
        let mut whole = envelope("chat.completion", asked, answer, &json!([choice]));
        if let Some(usage) = answer.usage {
            whole["usage"] = self.usage(usage);
        }
        whole
    }

    fn error(&self, refusal: &Refusal, model: &str) -> Value {
        let (kind, code, message) = match self.0 {
            Flavour::DeepSeek => deepseek_error(refusal.status),
            _ => openai_error(refusal.status),
        };
        let message = refusal.message.clone().unwrap_or_else(|| message.replace("{model}", model));
        let code = refusal.code.as_deref().or(code);
        json!({"error": {"message": message, "type": refusal.kind.as_deref().unwrap_or(kind),
            "param": null, "code": code}})
    }

    fn models(&self, names: &[String]) -> Value {
        let model = |name: &String| json!({"id": name, "object": "model", "created": 1_750_000_000, "owned_by": "test"});
        json!({"object": "list", "data": names.iter().map(model).collect::<Vec<_>>()})
    }
}

impl OpenAi {
    fn usage(&self, usage: Usage) -> Value {
        let mut said = json!({"prompt_tokens": usage.input, "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cache_read},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning}});
        if self.0 == Flavour::DeepSeek {
            said["prompt_cache_hit_tokens"] = json!(usage.cache_read);
            said["prompt_cache_miss_tokens"] = json!(usage.input.saturating_sub(usage.cache_read));
        }
        said
    }
}

fn envelope(object: &str, asked: &Asked, answer: &Answer, choices: &Value) -> Value {
    json!({"id": format!("chatcmpl-{}", answer.number), "object": object,
        "created": 1_750_000_000, "model": asked.model, "system_fingerprint": null,
        "choices": choices, "usage": null})
}

fn called(call: &Called) -> Value {
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.text()}})
}

fn reason(stop: &Stop) -> &str {
    match stop {
        Stop::Completed | Stop::StopSequence => "stop",
        Stop::MaxTokens => "length",
        Stop::ToolCalls => "tool_calls",
        Stop::ContentFilter => "content_filter",
        Stop::Other(word) => word,
    }
}

/// Type, code and sentence of a status.
fn openai_error(status: u16) -> (&'static str, Option<&'static str>, &'static str) {
    match status {
        401 => ("invalid_request_error", Some("invalid_api_key"), "Incorrect API key provided."),
        402 => {
            ("insufficient_quota", Some("insufficient_quota"), "You exceeded your current quota.")
        }
        403 => (
            "invalid_request_error",
            Some("unsupported_country_region_territory"),
            "Country, region, or territory not supported",
        ),
        404 => (
            "invalid_request_error",
            Some("model_not_found"),
            "The model `{model}` does not exist or you do not have access to it.",
        ),
        413 => (
            "invalid_request_error",
            Some("context_length_exceeded"),
            "This model's maximum context length is exceeded by your messages.",
        ),
        429 => ("requests", Some("rate_limit_exceeded"), "Rate limit reached for {model}."),
        500 => ("server_error", None, "The server had an error while processing your request."),
        503 => {
            ("server_error", None, "The engine is currently overloaded, please try again later.")
        }
        529 => ("server_error", Some("overloaded"), "Overloaded."),
        _ => ("invalid_request_error", None, "The request is not valid."),
    }
}

fn deepseek_error(status: u16) -> (&'static str, Option<&'static str>, &'static str) {
    let code = Some("invalid_request_error");
    match status {
        401 => ("authentication_error", code, "Authentication Fails (no such user)"),
        402 => ("unknown_error", code, "Insufficient Balance"),
        404 => ("invalid_request_error", code, "Model Not Exist"),
        429 => ("rate_limit_error", code, "Rate Limit Reached"),
        500 => ("server_error", Some("internal_error"), "Server Error"),
        503 => ("service_unavailable_error", Some("service_unavailable"), "Server Overloaded"),
        _ => ("invalid_request_error", code, "Invalid Format"),
    }
}
