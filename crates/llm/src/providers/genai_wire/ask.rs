use std::sync::Arc;

use genai::chat::{
    CacheControl, ChatMessage, ChatOptions, ChatRequest as Asked, ChatResponseFormat, ContentPart,
    JsonSpec, MessageContent, MessageOptions, ReasoningEffort, Tool, ToolCall as Called,
    ToolChoice as Choice, ToolResponse,
};

use super::Dialect;
use super::ear::Ear;
use crate::chat::{ChatRequest, Message, Part, ToolCall, ToolChoice};
use crate::provider::Target;

/// How a format is held to a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// It takes one, for models that obey it.
    Native {
        /// For the others it knows at least that JSON is wanted.
        json_mode: bool,
    },
    /// It only knows that JSON is wanted.
    JsonMode,
}

impl Dialect {
    /// Whether the schema is sent as such; else it stands in the prompt.
    fn sends_schema(&self, target: &Target, request: &ChatRequest) -> bool {
        target.json_schema
            && matches!(self.schema, Schema::Native { .. })
            && (self.schema_beside_tools || request.tools.is_empty())
    }
}

/// The conversation, as genai writes it.
pub(super) fn request(dialect: &Dialect, target: &Target, request: &ChatRequest) -> Asked {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    let system = system(dialect, target, request);
    if !system.is_empty() {
        messages.push(ChatMessage::system(system));
    }
    for message in &request.messages {
        said(dialect, message, &mut messages);
    }
    if dialect.marks_cache && request.cache_hint.is_some() {
        // The system prompt holds for every call of the conversation, and the newest message is there again in the next.
        let mark = || MessageOptions::from(CacheControl::Ephemeral);
        if let Some(first) = messages.first_mut() {
            first.options = Some(mark());
        }
        if let Some(last) = messages.last_mut() {
            last.options = Some(mark());
        }
    }
    let mut asked = Asked::new(messages);
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            Tool::new(tool.name.clone())
                .with_description(tool.description.clone())
                .with_schema(tool.parameters.clone())
        });
        asked = asked.with_tools(tools);
    }
    asked
}

/// The system prompt; with the schema, where the model cannot be told it otherwise.
fn system(dialect: &Dialect, target: &Target, request: &ChatRequest) -> String {
    match &request.output_schema {
        Some(output) if !dialect.sends_schema(target, request) => {
            format!("{}\n\n{}", request.system, in_words(&output.schema))
        }
        _ => request.system.clone(),
    }
}

/// A schema as a prompt says it.
pub(in crate::providers) fn in_words(schema: &serde_json::Value) -> String {
    format!(
        "Answer with one JSON object and nothing else. It must hold to this JSON Schema:\n{schema}"
    )
}

fn said(dialect: &Dialect, message: &Message, messages: &mut Vec<ChatMessage>) {
    let content = match message {
        Message::User { parts } => parts.iter().filter_map(part).collect(),
        Message::Assistant { text, reasoning, tool_calls } => {
            let mut parts = Vec::new();
            if !text.is_empty() {
                parts.push(ContentPart::Text(text.clone()));
            }
            let echo = dialect.echoes_reasoning && !tool_calls.is_empty();
            if let (Some(reasoning), true) = (reasoning, echo) {
                parts.push(ContentPart::ReasoningContent(reasoning.clone()));
            }
            parts.extend(tool_calls.iter().map(called));
            parts
        }
        Message::Tool { call_id, name, content } => {
            let answer =
                ToolResponse::new(call_id.clone(), content.clone()).with_fn_name(name.clone());
            // The answers to calls that were made together go back together.
            if let Some(last) = messages.last_mut()
                && last.role == genai::chat::ChatRole::Tool
            {
                last.content.push(answer);
                return;
            }
            vec![ContentPart::ToolResponse(answer)]
        }
    };
    // A turn without anything in it is refused by some formats, and says nothing in the others.
    if content.is_empty() {
        return;
    }
    let content = MessageContent::from_parts(content);
    messages.push(match message {
        Message::User { .. } => ChatMessage::user(content),
        Message::Assistant { .. } => ChatMessage::assistant(content),
        Message::Tool { .. } => ChatMessage::tool(content),
    });
}

fn part(part: &Part) -> Option<ContentPart> {
    match part {
        Part::Text { text } if text.is_empty() => None,
        Part::Text { text } => Some(ContentPart::Text(text.clone())),
        Part::Image { media_type, data } => {
            Some(ContentPart::from_binary_base64(media_type.clone(), data.as_str(), None))
        }
    }
}

fn called(call: &ToolCall) -> ContentPart {
    ContentPart::ToolCall(Called {
        call_id: call.id.clone(),
        fn_name: call.name.clone(),
        fn_arguments: call.arguments.clone(),
        thought_signatures: None,
    })
}

/// How it is asked.
pub(super) fn options(
    dialect: &Dialect,
    target: &Target,
    request: &ChatRequest,
    ear: Arc<Ear>,
) -> ChatOptions {
    let mut options = ChatOptions::default()
        .with_capture_usage(true)
        .with_capture_tool_calls(true)
        // Left out, genai takes `-high` and the like off the end of a model's name. This is the one value with which
        // each adapter keeps the name and says nothing of reasoning.
        .with_reasoning_effort(dialect.silent_effort())
        .with_raw_frame_sink_arc(ear)
        .with_extra_body((dialect.extra)(target, request));
    if !dialect.names_limit_itself() {
        options = options.with_max_tokens(request.max_output_tokens);
    }
    options.temperature = request.temperature;
    if !request.tools.is_empty() {
        options = options.with_tool_choice(match request.tool_choice {
            ToolChoice::Auto => Choice::Auto,
            ToolChoice::None => Choice::None,
            ToolChoice::Required => Choice::Required,
        });
    }
    if let Some(output) = &request.output_schema {
        let spec = || JsonSpec::new(output.name.clone(), output.schema.clone());
        options.response_format = match dialect.schema {
            _ if dialect.sends_schema(target, request) => Some(spec().into()),
            Schema::Native { json_mode: false } => None,
            Schema::Native { json_mode: true } | Schema::JsonMode => {
                Some(ChatResponseFormat::JsonMode)
            }
        };
    }
    options
}

impl Dialect {
    fn silent_effort(&self) -> ReasoningEffort {
        match self.adapter {
            genai::adapter::AdapterKind::OpenAI => ReasoningEffort::Budget(0),
            _ => ReasoningEffort::Zero,
        }
    }

    /// OpenAI itself has renamed the limit, and genai knows the new name for some of its models only.
    fn names_limit_itself(&self) -> bool {
        self.kind == ninja_types::ProviderKind::OpenAi
    }
}
