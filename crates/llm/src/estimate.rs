use crate::answer::Tokens;
use crate::chat::{ChatRequest, Message, Part, ToolCall};

/// Bytes that count as one token: few languages and no code need more tokens than this.
const BYTES_PER_TOKEN: u64 = 3;
/// What a message costs beside its words.
const PER_MESSAGE: u64 = 8;
/// No picture counts for more: vendors scale larger ones down.
const PER_PICTURE: u64 = 5_000;

/// Tokens that a provider will read, on the safe side: the basis of the worst case, and of the price where a provider
/// reports no usage.
pub(crate) fn of_request(request: &ChatRequest) -> u64 {
    let messages: u64 = request.messages.iter().map(of_message).sum();
    let tools = request.tools.iter().map(|tool| {
        let bytes = tool.name.len() + tool.description.len() + json_bytes(&tool.parameters);
        of_bytes(bytes) + PER_MESSAGE
    });
    let schema = request
        .output_schema
        .as_ref()
        .map_or(0, |schema| of_bytes(schema.name.len() + json_bytes(&schema.schema)) + PER_MESSAGE);
    of_bytes(request.system.len()) + PER_MESSAGE + messages + tools.sum::<u64>() + schema
}

/// Tokens that a provider wrote, of which nothing but the size is known.
pub(crate) fn of_answer(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN) + PER_MESSAGE
}

/// What can be believed of a reported usage, filled up with estimates; and whether it had to be.
pub(crate) fn completed(reported: Option<Tokens>, input: u64, answer_bytes: u64) -> (Tokens, bool) {
    let mut tokens = reported.unwrap_or_default();
    let (no_input, no_output) = (tokens.input == 0, tokens.output == 0 && answer_bytes > 0);
    if no_input {
        tokens.input = input;
    }
    if no_output {
        tokens.output = of_answer(answer_bytes);
    }
    // A part that is more than its whole is taken for the whole: never charged for less.
    let parts = [tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h];
    tokens.input = tokens.input.max(parts.iter().fold(0, |sum, part| sum.saturating_add(*part)));
    tokens.output = tokens.output.max(tokens.reasoning);
    (tokens, no_input || no_output)
}

fn of_message(message: &Message) -> u64 {
    let words = match message {
        Message::User { parts } => parts.iter().map(of_part).sum(),
        Message::Assistant { text, reasoning, tool_calls } => {
            let reasoning = reasoning.as_ref().map_or(0, String::len);
            let calls: usize = tool_calls.iter().map(call_bytes).sum();
            of_bytes(text.len() + reasoning + calls)
        }
        Message::Tool { call_id, name, content } => {
            of_bytes(call_id.len() + name.len() + content.len())
        }
    };
    words + PER_MESSAGE
}

fn of_part(part: &Part) -> u64 {
    match part {
        Part::Text { text } => of_bytes(text.len()),
        Part::Image { data, .. } => of_bytes(data.len()).min(PER_PICTURE),
    }
}

/// Bytes of a call as the model wrote it.
pub(crate) fn call_bytes(call: &ToolCall) -> usize {
    call.id.len() + call.name.len() + json_bytes(&call.arguments)
}

fn of_bytes(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(BYTES_PER_TOKEN)
}

/// Bytes of `value` as compact JSON, without writing it.
fn json_bytes(value: &serde_json::Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        // A counter takes every byte, and a value has no key that is no text.
        Err(_never) => usize::MAX / 2,
    }
}
