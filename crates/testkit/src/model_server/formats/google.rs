//! `streamGenerateContent` and its like, of Google's Gemini.

use serde_json::{Value, json};

use super::{Event, Format, Framing, Route, google_check};
use crate::model_server::{
    answer::{Answer, Called},
    asked::Asked,
    http::Request,
    reply::{Refusal, Stop, Usage},
};

#[derive(Debug)]
pub(super) struct Google;

impl Format for Google {
    fn route(&self, request: &Request, path: &str) -> Route {
        match request.method.as_str() {
            "POST" if google_check::method(path).is_some() => Route::Chat,
            "GET" if path == "models" => Route::Models,
            _ => Route::Unknown,
        }
    }

    fn key(&self) -> Option<(&'static str, &'static str)> {
        Some(("x-goog-api-key", ""))
    }

    fn check(&self, request: &Request, path: &str, body: &Value) -> Result<Asked, String> {
        google_check::check(request, path, body)
    }

    fn events(&self, asked: &Asked, answer: &Answer) -> Vec<Event> {
        let piece = |part: Value| {
            let content = json!({"role": "model", "parts": [part]});
            let mut chunk = envelope(asked, answer, &json!([{"content": content, "index": 0}]));
            if let Some(usage) = answer.usage {
                // What was read is known from the start.
                let read = json!({"promptTokenCount": usage.input, "totalTokenCount": usage.input});
                chunk["usageMetadata"] = read;
            }
            Event::piece(&chunk)
        };
        let thoughts = answer.reasoning.iter();
        let mut events: Vec<_> =
            thoughts.map(|text| piece(json!({"text": text, "thought": true}))).collect();
        events.extend(answer.text.iter().map(|text| piece(json!({"text": text}))));
        events.extend(answer.calls.iter().map(|call| piece(called(call))));
        let content = json!({"role": "model", "parts": [{"text": ""}]});
        let candidate =
            json!({"content": content, "finishReason": reason(&answer.stop), "index": 0});
        let mut last = envelope(asked, answer, &json!([candidate]));
        if let Some(usage) = answer.usage {
            last["usageMetadata"] = said(usage);
        }
        events.push(Event::frame(&last));
        events
    }

    fn framing(&self) -> Framing {
        Framing::EventsCrLf
    }

    fn whole(&self, asked: &Asked, answer: &Answer) -> Value {
        let mut parts = Vec::new();
        if !answer.reasoning.is_empty() {
            parts.push(json!({"text": answer.reasoning.concat(), "thought": true}));
        }
        if !answer.text.is_empty() {
            parts.push(json!({"text": answer.text.concat()}));
        }
        parts.extend(answer.calls.iter().map(called));
        let content = json!({"role": "model", "parts": parts});
        let candidate =
            json!({"content": content, "finishReason": reason(&answer.stop), "index": 0});
        let mut whole = envelope(asked, answer, &json!([candidate]));
        if let Some(usage) = answer.usage {
            whole["usageMetadata"] = said(usage);
        }
        whole
    }

    fn error(&self, refusal: &Refusal, model: &str) -> Value {
        let (word, message) = match refusal.status {
            401 => ("UNAUTHENTICATED", "Request had invalid authentication credentials."),
            402 => ("FAILED_PRECONDITION", "Your project has no billing enabled."),
            403 => ("PERMISSION_DENIED", "Your API key doesn't have the required permissions."),
            404 => ("NOT_FOUND", "models/{model} is not found for API version v1beta"),
            413 => (
                "INVALID_ARGUMENT",
                "The input token count exceeds the maximum number of tokens allowed.",
            ),
            429 => ("RESOURCE_EXHAUSTED", "You exceeded your current quota."),
            500 => ("INTERNAL", "An internal error has occurred."),
            503 | 529 => ("UNAVAILABLE", "The model is overloaded. Please try again later."),
            504 => ("DEADLINE_EXCEEDED", "The request timed out."),
            _ => ("INVALID_ARGUMENT", "Request contains an invalid argument."),
        };
        let message = refusal.message.clone().unwrap_or_else(|| message.replace("{model}", model));
        let status = refusal.kind.as_deref().unwrap_or(word);
        let mut error = json!({"code": refusal.status, "message": message, "status": status});
        if let Some(code) = &refusal.code {
            let info = "type.googleapis.com/google.rpc.ErrorInfo";
            error["details"] = json!([{"@type": info, "reason": code, "domain": "googleapis.com"}]);
        }
        json!({"error": error})
    }

    fn models(&self, names: &[String]) -> Value {
        let model = |name: &String| {
            json!({"name": format!("models/{name}"), "version": "001", "displayName": name,
                "inputTokenLimit": 131_072, "outputTokenLimit": 8_192,
                "supportedGenerationMethods": ["generateContent", "countTokens"]})
        };
        json!({"models": names.iter().map(model).collect::<Vec<_>>()})
    }
}

fn envelope(asked: &Asked, answer: &Answer, candidates: &Value) -> Value {
    json!({"candidates": candidates, "modelVersion": asked.model,
        "responseId": format!("response-{}", answer.number)})
}

fn called(call: &Called) -> Value {
    json!({"functionCall": {"name": call.name, "args": call.arguments},
        "thoughtSignature": "EjQKMgEMOdbH"})
}

/// Here reasoning is not among what was answered.
fn said(usage: Usage) -> Value {
    let mut said = json!({"promptTokenCount": usage.input,
        "candidatesTokenCount": usage.output.saturating_sub(usage.reasoning),
        "totalTokenCount": usage.input + usage.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.input}]});
    if usage.reasoning > 0 {
        said["thoughtsTokenCount"] = json!(usage.reasoning);
    }
    if usage.cache_read > 0 {
        said["cachedContentTokenCount"] = json!(usage.cache_read);
    }
    said
}

/// A call of a tool ends like anything else.
fn reason(stop: &Stop) -> &str {
    match stop {
        Stop::Completed | Stop::ToolCalls | Stop::StopSequence => "STOP",
        Stop::MaxTokens => "MAX_TOKENS",
        Stop::ContentFilter => "SAFETY",
        Stop::Other(word) => word,
    }
}
