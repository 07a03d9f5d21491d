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
    kind: ProviderKind::Google,
    title: "Google Gemini",
    default_base_url: Some("https://generativelanguage.googleapis.com/v1beta/"),
    key: Need::Required,
    name: Need::Refused,
    models: Need::Optional,
};

pub(crate) const DIALECT: Dialect = Dialect {
    kind: ProviderKind::Google,
    adapter: AdapterKind::Gemini,
    chat,
    headers,
    schema: Schema::Native { json_mode: false },
    // "Function calling with a response mime type is unsupported", says all but the newest model.
    schema_beside_tools: false,
    echoes_reasoning: false,
    extra,
    marks_cache: false,
    usage: usage::google,
    hear,
    tables: &[codes::GOOGLE],
    models: ("models?pageSize=1000", models),
};

/// The model stands in the path: alone, or with the collection that it is of.
fn chat(target: &Target) -> Url {
    let (collection, model) = match target.model.split_once('/') {
        Some((collection @ ("models" | "tunedModels"), model)) => (collection, model),
        _ => ("models", target.model.as_str()),
    };
    let mut url = below(&target.base_url, collection);
    if let Ok(mut path) = url.path_segments_mut() {
        // One part, whatever the name holds: it leads nowhere else.
        path.push(&format!("{model}:streamGenerateContent"));
    }
    url.set_query(Some("alt=sse"));
    url
}

/// Never in the address, where it would be logged.
fn headers(key: &str) -> Vec<(&'static str, String)> {
    vec![("x-goog-api-key", key.to_owned())]
}

/// The model stands in the path.
fn extra(_: &Target, _: &ChatRequest) -> Value {
    json!({})
}

fn models(body: &Value) -> Vec<ModelInfo> {
    list::models(body, "models", |model| {
        let ways = model.get("supportedGenerationMethods").and_then(Value::as_array);
        if ways.is_some_and(|ways| !ways.iter().any(|way| way == "generateContent")) {
            return None;
        }
        let name = model.get("name")?.as_str()?;
        let name = name.strip_prefix("models/").unwrap_or(name).to_owned();
        let context_tokens = model.get("inputTokenLimit").and_then(Value::as_u64);
        Some(ModelInfo { name, context_tokens, tools: None })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    response_id: Option<String>,
    model_version: Option<String>,
    usage_metadata: Option<Value>,
    prompt_feedback: Option<Feedback>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

/// Every frame reports all that was used until then.
fn hear(frame: &str, heard: &mut Heard) {
    let Ok(frame) = serde_json::from_str::<Frame>(frame) else { return };
    heard.id = heard.id.take().or(frame.response_id);
    heard.model = heard.model.take().or(frame.model_version);
    heard.fault = heard.fault.take().or(frame.error);
    heard.refused |= frame.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some());
    if let Some(usage) = frame.usage_metadata {
        heard.usage_is_final = true;
        heard.report(usage);
    }
}
