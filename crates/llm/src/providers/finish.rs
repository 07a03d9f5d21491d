use serde_json::{Map, Value};
use uuid::Uuid;

use super::fault::Exchange;
use super::usage;
use crate::answer::{Completion, Stop, Tokens};
use crate::chat::ToolCall;
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

/// The answer, if it is one: complete calls, words at all. Whether it has the shape that was asked for is asked after it.
pub(super) fn finish(draft: Draft, exchange: &Exchange<'_>) -> Result<Completion, ProviderError> {
    let seen = Seen { tokens: usage::believed(draft.tokens), ..draft.seen };
    let bad = |what: &str| exchange.malformed(what, seen);
    let stop = draft.stop.ok_or_else(|| exchange.cut(seen))?;
    if stop == Stop::MaxTokens && !draft.calls.is_empty() {
        return Err(bad("the answer reached its limit of tokens within a tool call"));
    }
    // A refusal is an answer; a call that it interrupted is none.
    let made = if stop == Stop::ContentFilter { Vec::new() } else { draft.calls };
    let calls: Result<Vec<ToolCall>, &str> = made.into_iter().map(called).collect();
    let tool_calls = calls.map_err(bad)?;
    let stop = match stop {
        // Google and Ollama call it a stop like any other.
        Stop::Completed | Stop::Other(_) if !tool_calls.is_empty() => Stop::ToolCalls,
        Stop::ToolCalls if tool_calls.is_empty() => {
            return Err(bad("the answer says that it calls a tool, and calls none"));
        }
        stop => stop,
    };
    let may_be_empty = matches!(stop, Stop::MaxTokens | Stop::ContentFilter);
    if draft.text.is_empty() && tool_calls.is_empty() && !may_be_empty {
        return Err(bad("the answer is empty"));
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

fn called(call: DraftCall) -> Result<ToolCall, &'static str> {
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
    let id = call.id.filter(|id| fits_everywhere(id));
    let id = id.unwrap_or_else(|| format!("call_{}", Uuid::now_v7().simple()));
    Ok(ToolCall { id, name: call.name, arguments })
}

/// Whether every vendor takes the id: the next call of the conversation may be another's.
fn fits_everywhere(id: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    (1..=40).contains(&id.len()) && id.bytes().all(fits)
}
