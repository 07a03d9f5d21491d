use ninja_types::ModelErrorClass;
use reqwest::Response;
use serde::Deserialize;
use serde_json::Value;

use super::super::fault::Exchange;
use super::super::finish::{Draft, DraftCall};
use super::super::genai_wire::LONGEST_ANSWER_BYTES;
use super::super::usage;
use super::ask;
use crate::answer::Stop;
use crate::error::ProviderError;
use crate::provider::DeltaSink;

const LONGEST_LINE_BYTES: usize = 8 * 1024 * 1024;
/// Below this no server cuts: none has a smaller context.
const NEVER_CUT_TOKENS: u64 = 2_048;

#[derive(Deserialize)]
struct Line {
    model: Option<String>,
    message: Option<Said>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
    thinking: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    id: Option<String>,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

/// Reads the lines of an answer to the one that says it is done.
pub(super) async fn read(
    mut response: Response,
    exchange: &Exchange<'_>,
    deltas: &dyn DeltaSink,
) -> Result<Draft, ProviderError> {
    let mut draft = Draft::default();
    let mut lines = Vec::new();
    let mut began = false;
    loop {
        let patience = exchange.target.patience;
        let limit = if began { patience.idle } else { patience.first_byte };
        let piece = tokio::time::timeout(limit, response.chunk())
            .await
            .map_err(|_late| exchange.silent(began, draft.seen))?
            .map_err(|error| exchange.transport(&error, draft.seen))?;
        // What is left has no end of line: it is no whole line, whatever it looks like.
        let Some(piece) = piece else { return Err(exchange.cut(draft.seen)) };
        began = true;
        lines.extend_from_slice(&piece);
        while let Some(end) = lines.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = lines.drain(..=end).collect();
            if line.trim_ascii().is_empty() {
                continue;
            }
            if hear(&line, &mut draft, exchange, deltas).await? {
                return Ok(draft);
            }
        }
        if lines.len() > LONGEST_LINE_BYTES || draft.seen.bytes > LONGEST_ANSWER_BYTES {
            return Err(exchange.malformed("the answer has no end", draft.seen));
        }
    }
}

/// Takes a line in; `true`: it was the last.
async fn hear(
    line: &[u8],
    draft: &mut Draft,
    exchange: &Exchange<'_>,
    deltas: &dyn DeltaSink,
) -> Result<bool, ProviderError> {
    let bad =
        |_no_line| exchange.malformed("the stream is not in the provider's format", draft.seen);
    let value: Value = serde_json::from_slice(line).map_err(bad)?;
    let heard = Line::deserialize(&value).map_err(bad)?;
    if let Some(error) = heard.error {
        return Err(exchange.reported(&error, draft.seen));
    }
    draft.model = draft.model.take().or(heard.model);
    if let Some(said) = heard.message {
        for call in said.tool_calls.into_iter().flatten() {
            let function = call.function;
            draft.seen.bytes += length(&function.arguments.to_string()) + length(&function.name);
            let (name, arguments) = (function.name, function.arguments);
            draft.calls.push(DraftCall { id: call.id, name, arguments });
        }
        let thinking = said.thinking.unwrap_or_default();
        draft.seen.bytes += length(&thinking);
        draft.reasoning.push_str(&thinking);
        if let Some(text) = said.content.filter(|text| !text.is_empty()) {
            draft.seen.bytes += length(&text);
            draft.text.push_str(&text);
            deltas.say(&text).await;
        }
    }
    if !heard.done {
        return Ok(false);
    }
    draft.tokens = usage::ollama(&value);
    whole(draft, exchange)?;
    draft.stop = Some(match heard.done_reason.as_deref() {
        None | Some("stop") => Stop::Completed,
        Some("length") => Stop::MaxTokens,
        Some(other) => Stop::Other(other.chars().take(64).collect()),
    });
    Ok(true)
}

/// Whether the prompt was read whole. A server that held less of it than was sent answers all the same, about the rest.
fn whole(draft: &Draft, exchange: &Exchange<'_>) -> Result<(), ProviderError> {
    let (Some(tokens), Some(request)) = (draft.tokens, exchange.request) else { return Ok(()) };
    let sent = ask::estimate(request);
    if sent > NEVER_CUT_TOKENS && tokens.input < sent / 2 {
        let message = format!("{} tokens were read of about {sent}", tokens.input);
        return Err(exchange.error(ModelErrorClass::ContextLength, &message, draft.seen));
    }
    Ok(())
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}
