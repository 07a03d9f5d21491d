use genai::adapter::AdapterKind;
use ninja_types::ProviderKind;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::genai_wire::{Dialect, Heard, Schema, below};
use super::{codes, list, usage};
use crate::chat::ChatRequest;
use crate::provider::{ModelInfo, Target};
use crate::registry::{KindInfo, Need};

pub(crate) const INFO: KindInfo = KindInfo {
    kind: ProviderKind::Anthropic,
    title: "Anthropic",
    default_base_url: Some("https://api.anthropic.com/v1/"),
    key: Need::Required,
    name: Need::Refused,
    models: Need::Optional,
};

pub(crate) const DIALECT: Dialect = Dialect {
    kind: ProviderKind::Anthropic,
    adapter: AdapterKind::Anthropic,
    chat,
    headers,
    schema: Schema::Native { json_mode: false },
    schema_beside_tools: true,
    echoes_reasoning: false,
    extra,
    marks_cache: true,
    usage: usage::anthropic,
    hear,
    tables: &[codes::ANTHROPIC],
    models: ("models?limit=1000", models),
};

fn chat(target: &Target) -> Url {
    below(&target.base_url, "messages")
}

fn headers(key: &str) -> Vec<(&'static str, String)> {
    vec![("x-api-key", key.to_owned()), ("anthropic-version", "2023-06-01".to_owned())]
}

/// The tools are written here, because genai makes one that is called `web_search` the vendor's own, which is charged for.
fn extra(target: &Target, request: &ChatRequest) -> Value {
    let mut extra = json!({"model": target.model});
    let mut tools: Vec<Value> = request
        .tools
        .iter()
        .map(|tool| {
            json!({"name": tool.name, "description": tool.description, "input_schema": tool.parameters})
        })
        .collect();
    if let (Some(last), Some(_)) = (tools.last_mut(), &request.cache_hint) {
        last["cache_control"] = json!({"type": "ephemeral"});
    }
    if !tools.is_empty() {
        extra["tools"] = tools.into();
    }
    extra
}

fn models(body: &Value) -> Vec<ModelInfo> {
    list::models(body, "data", |model| {
        let name = model.get("id")?.as_str()?.to_owned();
        let context_tokens = model.get("max_input_tokens").and_then(Value::as_u64);
        Some(ModelInfo { name, context_tokens, tools: None })
    })
}

#[derive(Deserialize)]
struct Frame {
    message: Option<Start>,
    usage: Option<Value>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Start {
    id: Option<String>,
    model: Option<String>,
    usage: Option<Value>,
}

/// The report at the beginning is of the input only; the one at the end completes it.
fn hear(frame: &str, heard: &mut Heard) {
    let Ok(frame) = serde_json::from_str::<Frame>(frame) else { return };
    heard.fault = heard.fault.take().or(frame.error);
    if let Some(start) = frame.message {
        heard.id = start.id;
        heard.model = start.model;
        if let Some(usage) = start.usage {
            heard.report(usage);
        }
    }
    if let Some(usage) = frame.usage {
        heard.usage_is_final = true;
        heard.report(usage);
    }
}
