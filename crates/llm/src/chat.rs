use std::fmt;
use std::str::FromStr;

use ninja_types::Tier;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// What is asked of a model. It names a tier; the model is chosen when the call is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// How much of a model is needed.
    pub tier: Tier,
    /// The one that the task pins: it is tried first.
    pub model: Option<ModelRef>,
    /// Who the model is and what it must hold to. Never holds text from outside.
    pub system: String,
    /// What was said so far, oldest first.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<ToolSpec>,
    /// Whether it must.
    pub tool_choice: ToolChoice,
    /// The shape that the text of the answer must have; `None`: plain text.
    pub output_schema: Option<OutputSchema>,
    /// Tokens that the answer may have.
    pub max_output_tokens: u32,
    /// How much chance is in the answer; `None`: the provider's own default.
    pub temperature: Option<f64>,
    /// Calls with the same hint begin alike, so that a provider may reuse what it has read.
    pub cache_hint: Option<String>,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "role")]
pub enum Message {
    /// What the model is told.
    User {
        /// In their order.
        parts: Vec<Part>,
    },
    /// What the model said before.
    Assistant {
        /// Its words; empty where it only called tools.
        text: String,
        /// Its reasoning, which some providers want to see again with the results of tools.
        reasoning: Option<String>,
        /// What it called.
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool answered.
    Tool {
        /// Of the call.
        call_id: String,
        /// Which tool: one wire format wants its name.
        name: String,
        /// As text.
        content: String,
    },
}

/// A piece of what a model is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Part {
    /// Words.
    Text {
        /// Them.
        text: String,
    },
    /// A picture; only models with `vision` are asked.
    Image {
        /// Such as `image/png`.
        media_type: String,
        /// Base64.
        data: String,
    },
}

/// Something that a model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// `[a-zA-Z0-9_-]{1,64}`, which every provider takes.
    pub name: String,
    /// When to call it.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// A call that a model made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call in the answer to it; made here where a provider gives none.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// A JSON value; whether it fits the schema is the caller's to judge.
    pub arguments: Value,
}

/// Whether a model must call a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// As it likes.
    #[default]
    Auto,
    /// It must not.
    None,
    /// It must call one.
    Required,
}

/// The shape of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputSchema {
    /// `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// JSON Schema of an object.
    pub schema: Value,
}

/// `provider/model`, split at the first slash: names of models may hold more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelRef {
    /// The provider's name: its kind, or for a compatible one the name that it was given.
    pub provider: String,
    /// As the provider calls it.
    pub model: String,
}

/// A text that names no model.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("must be `provider/model`, such as `openai/gpt-5-mini`")]
pub struct InvalidModelRef;

impl FromStr for ModelRef {
    type Err = InvalidModelRef;

    fn from_str(text: &str) -> Result<Self, InvalidModelRef> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => {
                Ok(Self { provider: provider.to_owned(), model: model.to_owned() })
            }
            _ => Err(InvalidModelRef),
        }
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

impl Serialize for ModelRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ModelRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
