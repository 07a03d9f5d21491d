use ninja_types::ModelErrorClass;
use serde_json::{Map, Value};

use super::fault::Exchange;
use super::usage;
use crate::answer::{Completion, Stop, Tokens};
use crate::chat::{OutputSchema, ToolCall};
use crate::error::{ProviderError, Seen};

/// What was read from a stream that came to its end.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) calls: Vec<DraftCall>,
    pub(super) stop: Option<Stop>,
    pub(super) tokens: Option<Tokens>,
    pub(super) model: Option<String>,
    pub(super) id: Option<String>,
    pub(super) seen: Seen,
}

/// A call as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftCall {
    pub(super) id: Option<String>,
    pub(super) name: String,
    /// A text is JSON that was never parsed, or could not be.
    pub(super) arguments: Value,
}

/// The answer, if it is one: complete calls, the promised shape, words at all.
pub(super) fn finish(draft: Draft, exchange: &Exchange<'_>) -> Result<Completion, ProviderError> {
    let seen = Seen { tokens: usage::believed(draft.tokens), ..draft.seen };
    let bad = |what: &str| exchange.malformed(what, seen);
    let stop = draft.stop.ok_or_else(|| exchange.cut(seen))?;
    let schema = exchange.request.and_then(|request| request.output_schema.as_ref());
    if stop == Stop::ContentFilter {
        let message = "the provider ended the answer for its content";
        return Err(exchange.error(ModelErrorClass::ContentFilter, message, seen));
    }
    if stop == Stop::MaxTokens && !draft.calls.is_empty() {
        return Err(bad("the answer reached its limit of tokens within a tool call"));
    }
    if stop == Stop::MaxTokens && schema.is_some() {
        return Err(bad("the answer reached its limit of tokens before its JSON was complete"));
    }
    let calls: Result<Vec<ToolCall>, &str> =
        draft.calls.into_iter().enumerate().map(|(at, call)| called(at, call)).collect();
    let tool_calls = calls.map_err(bad)?;
    let stop = match stop {
        // Google and Ollama call it a stop like any other.
        Stop::Completed | Stop::Other(_) if !tool_calls.is_empty() => Stop::ToolCalls,
        Stop::ToolCalls if tool_calls.is_empty() => {
            return Err(bad("the answer says that it calls a tool, and calls none"));
        }
        stop => stop,
    };
    if draft.text.is_empty() && tool_calls.is_empty() && stop != Stop::MaxTokens {
        return Err(bad("the answer is empty"));
    }
    if let (Some(schema), true) = (schema, tool_calls.is_empty()) {
        shaped(&draft.text, schema).map_err(|what| bad(&what))?;
    }
    Ok(Completion {
        text: draft.text,
        reasoning: Some(draft.reasoning).filter(|reasoning| !reasoning.is_empty()),
        tool_calls,
        stop,
        tokens: seen.tokens,
        response_model: draft.model,
        response_id: draft.id,
    })
}

fn called(at: usize, call: DraftCall) -> Result<ToolCall, &'static str> {
    if call.name.is_empty() {
        return Err("a tool call names no tool");
    }
    let arguments = match call.arguments {
        // A tool without parameters is called with nothing at all by some models.
        Value::Null => Value::Object(Map::new()),
        Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
        Value::String(text) => serde_json::from_str(&text)
            .map_err(|_no_json| "the arguments of a tool call are no JSON")?,
        value => value,
    };
    if !arguments.is_object() {
        return Err("the arguments of a tool call are no JSON object");
    }
    let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{at}"));
    Ok(ToolCall { id, name: call.name, arguments })
}

/// The text against the shape that was asked for: no provider is believed to have held to it.
fn shaped(text: &str, schema: &OutputSchema) -> Result<(), String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("the answer is no JSON: {error}"))?;
    let validator = jsonschema::validator_for(&schema.schema)
        .map_err(|_no_schema| "the schema that was asked for is none".to_owned())?;
    let path = match validator.validate(&value) {
        Ok(()) => return Ok(()),
        // The place, not the value: what the model wrote may be the user's own words.
        Err(error) => error.instance_path().to_string(),
    };
    Err(format!("the answer breaks the schema at `{path}`"))
}
