use serde_json::{Map, Value, json};

use crate::chat::{ChatRequest, Message, Part, ToolCall, ToolChoice};
use crate::provider::Target;

/// The body of `/api/chat`.
pub(super) fn body(target: &Target, request: &ChatRequest) -> Value {
    let mut options = Map::new();
    // Without it the server takes its own, and cuts the prompt to it without a word.
    options.insert("num_ctx".to_owned(), target.context_tokens.into());
    options.insert("num_predict".to_owned(), request.max_output_tokens.into());
    if let Some(temperature) = request.temperature {
        options.insert("temperature".to_owned(), temperature.into());
    }
    let mut body = json!({
        "model": target.model,
        "messages": messages(request),
        "stream": true,
        "think": false,
        "options": options,
    });
    // There is no word for a choice here: tools that must not be called are not shown.
    if !request.tools.is_empty() && request.tool_choice != ToolChoice::None {
        let tools = request.tools.iter().map(|tool| {
            let function =
                json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
            json!({"type": "function", "function": function})
        });
        body["tools"] = tools.collect();
    }
    if let Some(output) = &request.output_schema {
        body["format"] = output.schema.clone();
    }
    body
}

fn messages(request: &ChatRequest) -> Vec<Value> {
    let system = Some(&request.system).filter(|system| !system.is_empty());
    system
        .map(|system| json!({"role": "system", "content": system}))
        .into_iter()
        .chain(request.messages.iter().map(message))
        .collect()
}

fn message(message: &Message) -> Value {
    match message {
        Message::User { parts } => {
            let (mut text, mut images) = (Vec::new(), Vec::new());
            for part in parts {
                match part {
                    Part::Text { text: words } => text.push(words.as_str()),
                    Part::Image { data, .. } => images.push(data.as_str()),
                }
            }
            let mut message = json!({"role": "user", "content": text.join("\n")});
            if !images.is_empty() {
                message["images"] = json!(images);
            }
            message
        }
        Message::Assistant { text, tool_calls, .. } => {
            let mut message = json!({"role": "assistant", "content": text});
            if !tool_calls.is_empty() {
                message["tool_calls"] = tool_calls.iter().map(called).collect();
            }
            message
        }
        Message::Tool { call_id, name, content } => {
            json!({"role": "tool", "tool_call_id": call_id, "tool_name": name, "content": content})
        }
    }
}

fn called(call: &ToolCall) -> Value {
    json!({"id": call.id, "function": {"name": call.name, "arguments": call.arguments}})
}

/// Tokens of what was said. Less than the whole is counted (no tools, no pictures, no schema), because it is held against
/// what a server says it has read.
pub(super) fn estimate(request: &ChatRequest) -> u64 {
    let words = |bytes: usize| u64::try_from(bytes.div_ceil(3)).unwrap_or(u64::MAX) + 8;
    let message = |message: &Message| match message {
        Message::User { parts } => parts
            .iter()
            .map(|part| match part {
                Part::Text { text } => text.len(),
                Part::Image { .. } => 0,
            })
            .sum(),
        Message::Assistant { text, tool_calls, .. } => {
            text.len()
                + tool_calls.iter().map(|call| call.arguments.to_string().len()).sum::<usize>()
        }
        Message::Tool { content, .. } => content.len(),
    };
    words(request.system.len())
        + request.messages.iter().map(|said| words(message(said))).sum::<u64>()
}
