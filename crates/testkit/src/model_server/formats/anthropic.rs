//! Messages, of Anthropic.

use ninja_types::ProviderKind;
use serde_json::{Value, json};

use super::{Event, Format, Framing, Route, anthropic_check};
use crate::model_server::{
    answer::{Answer, Called},
    asked::Asked,
    http::Request,
    reply::{Refusal, Stop, Usage},
};

/// What signs reasoning, so that it can be shown to the model again.
const SIGNATURE: &str = "EqQBCgIXAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds";

#[derive(Debug)]
pub(super) struct Anthropic;

impl Format for Anthropic {
    fn route(&self, request: &Request, path: &str) -> Route {
        match (request.method.as_str(), path) {
            ("POST", "messages") => Route::Chat,
            ("GET", "models") => Route::Models,
            _ => Route::Unknown,
        }
    }

    fn key(&self) -> Option<(&'static str, &'static str)> {
        Some(("x-api-key", ""))
    }

    fn check(&self, request: &Request, _path: &str, body: &Value) -> Result<Asked, String> {
        anthropic_check::check(ProviderKind::Anthropic, request, body)
    }

    fn events(&self, asked: &Asked, answer: &Answer) -> Vec<Event> {
        let mut start = message(asked, answer);
        start["content"] = json!([]);
        start["stop_reason"] = Value::Null;
        if let Some(usage) = answer.usage {
            start["usage"] = said(usage, 1);
        }
        let mut events =
            vec![event("message_start", json!({"message": start})), event("ping", json!({}))];
        let mut block = 0;
        if !answer.reasoning.is_empty() {
            let open = json!({"type": "thinking", "thinking": "", "signature": ""});
            let deltas = answer.reasoning.iter();
            let deltas = deltas.map(|piece| json!({"type": "thinking_delta", "thinking": piece}));
            add_block(&mut events, block, &open, deltas);
            let signed = json!({"type": "signature_delta", "signature": SIGNATURE});
            let signed = event("content_block_delta", json!({"index": block, "delta": signed}));
            events.insert(events.len() - 1, signed);
            block += 1;
        }
        if !answer.text.is_empty() {
            let deltas =
                answer.text.iter().map(|piece| json!({"type": "text_delta", "text": piece}));
            add_block(&mut events, block, &json!({"type": "text", "text": ""}), deltas);
            block += 1;
        }
        for call in &answer.calls {
            let open = json!({"type": "tool_use", "id": id(call), "name": call.name, "input": {}});
            let deltas = call.pieces.iter();
            let deltas = deltas.map(|p| json!({"type": "input_json_delta", "partial_json": p}));
            add_block(&mut events, block, &open, deltas);
            block += 1;
        }
        let delta = json!({"stop_reason": reason(&answer.stop), "stop_sequence": null});
        let mut end = json!({"delta": delta});
        if let Some(usage) = answer.usage {
            end["usage"] = said(usage, usage.output);
        }
        events.push(event("message_delta", end));
        events.push(event("message_stop", json!({})));
        events
    }

    fn framing(&self) -> Framing {
        Framing::Events
    }

    fn whole(&self, asked: &Asked, answer: &Answer) -> Value {
        let mut content = Vec::new();
        if !answer.reasoning.is_empty() {
            let thinking = answer.reasoning.concat();
            content.push(json!({"type": "thinking", "thinking": thinking, "signature": SIGNATURE}));
        }
        if !answer.text.is_empty() {
            content.push(json!({"type": "text", "text": answer.text.concat()}));
        }
        let used = answer.calls.iter().map(|call| {
            json!({"type": "tool_use", "id": id(call), "name": call.name, "input": call.arguments})
        });
        content.extend(used);
        let mut whole = message(asked, answer);
        whole["content"] = json!(content);
        if let Some(usage) = answer.usage {
            whole["usage"] = said(usage, usage.output);
        }
        whole
    }

    fn error(&self, refusal: &Refusal, model: &str) -> Value {
        let (kind, message) = match refusal.status {
            401 => ("authentication_error", "invalid x-api-key"),
            402 => {
                ("billing_error", "There is a problem with your billing or payment information.")
            }
            403 => ("permission_error", "Your API key may not use the resource."),
            404 => ("not_found_error", "model: {model}"),
            413 => ("request_too_large", "Request exceeds the maximum size"),
            429 => ("rate_limit_error", "This request would exceed your rate limit."),
            504 => ("timeout_error", "The request timed out."),
            529 => ("overloaded_error", "Overloaded"),
            500..=599 => ("api_error", "Internal server error"),
            _ => ("invalid_request_error", "The request is not valid."),
        };
        let kind = refusal.kind.as_deref().or(refusal.code.as_deref()).unwrap_or(kind);
        let message = refusal.message.clone().unwrap_or_else(|| message.replace("{model}", model));
        json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
    }

    fn models(&self, names: &[String]) -> Value {
        let model = |name: &String| json!({"type": "model", "id": name, "display_name": name, "created_at": "2025-06-15T00:00:00Z"});
        json!({"data": names.iter().map(model).collect::<Vec<_>>(), "has_more": false,
            "first_id": names.first(), "last_id": names.last()})
    }
}

fn event(name: &'static str, mut data: Value) -> Event {
    data["type"] = json!(name);
    Event::frame(&data).named(name)
}

/// A block of content from its opening to its end.
fn add_block(
    events: &mut Vec<Event>,
    index: u32,
    open: &Value,
    deltas: impl Iterator<Item = Value>,
) {
    events.push(event("content_block_start", json!({"index": index, "content_block": open})));
    events.extend(deltas.map(|delta| {
        let piece = event("content_block_delta", json!({"index": index, "delta": delta}));
        Event { piece: true, ..piece }
    }));
    events.push(event("content_block_stop", json!({"index": index})));
}

fn message(asked: &Asked, answer: &Answer) -> Value {
    json!({"id": format!("msg_{}", answer.number), "type": "message", "role": "assistant",
        "model": asked.model, "stop_reason": reason(&answer.stop), "stop_sequence": null})
}

/// Here what is cached is not among the input.
fn said(usage: Usage, output: u64) -> Value {
    let (short, long) = (usage.cache_write_5m, usage.cache_write_1h);
    let fresh = usage.input.saturating_sub(usage.cache_read + short + long);
    json!({"input_tokens": fresh, "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": output, "service_tier": "standard"})
}

fn id(call: &Called) -> String {
    call.id.replace("call_", "toolu_")
}

fn reason(stop: &Stop) -> &str {
    match stop {
        Stop::Completed => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::ToolCalls => "tool_use",
        Stop::ContentFilter => "refusal",
        Stop::StopSequence => "stop_sequence",
        Stop::Other(word) => word,
    }
}
