use genai::adapter::AdapterKind;
use ninja_types::ProviderKind;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::finish::DraftCall;
use super::genai_wire::{Dialect, Heard, Schema, below};
use super::{codes, list, usage};
use crate::chat::ChatRequest;
use crate::provider::{ModelInfo, Target};
use crate::registry::{KindInfo, Need};

pub(crate) const INFO: KindInfo = KindInfo {
    kind: ProviderKind::OpenAi,
    title: "OpenAI",
    default_base_url: Some("https://api.openai.com/v1/"),
    key: Need::Required,
    name: Need::Refused,
    models: Need::Optional,
};

pub(crate) const DIALECT: Dialect = Dialect {
    kind: ProviderKind::OpenAi,
    adapter: AdapterKind::OpenAI,
    chat,
    headers: bearer,
    schema: Schema::Native { json_mode: true },
    schema_beside_tools: true,
    echoes_reasoning: false,
    extra,
    marks_cache: false,
    usage: usage::openai,
    hear,
    tables: &[codes::OPENAI],
    models: ("models", models),
};

pub(super) fn chat(target: &Target) -> Url {
    below(&target.base_url, "chat/completions")
}

pub(super) fn bearer(key: &str) -> Vec<(&'static str, String)> {
    vec![("Authorization", format!("Bearer {key}"))]
}

fn extra(target: &Target, request: &ChatRequest) -> Value {
    let mut extra = json!({
        "model": target.model,
        "max_completion_tokens": request.max_output_tokens,
    });
    if let Some(hint) = &request.cache_hint {
        extra["prompt_cache_key"] = hint.as_str().into();
    }
    extra
}

/// OpenRouter says `context_length`, vLLM `max_model_len`, llama.cpp `meta.n_ctx_train`; OpenAI says nothing.
pub(super) fn models(body: &Value) -> Vec<ModelInfo> {
    list::models(body, "data", |model| {
        let context = ["/context_length", "/max_model_len", "/meta/n_ctx_train"]
            .iter()
            .find_map(|pointer| model.pointer(pointer)?.as_u64());
        let name = model.get("id")?.as_str()?.to_owned();
        Some(ModelInfo { name, context_tokens: context, tools: None })
    })
}

#[derive(Deserialize)]
struct Chunk {
    id: Option<String>,
    model: Option<String>,
    usage: Option<Value>,
    error: Option<Value>,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Delta {
    refusal: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    index: Option<u64>,
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

pub(super) fn hear(frame: &str, heard: &mut Heard) {
    if "[DONE]".starts_with(frame) && frame != "[DONE]" {
        heard.half = true;
    }
    // What is no chunk is genai's to refuse.
    let Ok(chunk) = serde_json::from_str::<Chunk>(frame) else { return };
    heard.id = heard.id.take().or(chunk.id);
    heard.model = heard.model.take().or(chunk.model);
    heard.fault = heard.fault.take().or(chunk.error);
    let choice = chunk.choices.into_iter().next();
    let (delta, beside) = choice.map_or((None, None), |choice| (choice.delta, choice.usage));
    if let Some(usage) = chunk.usage.or(beside) {
        heard.usage_is_final = true;
        heard.report(usage);
    }
    let Some(delta) = delta else { return };
    heard.refused |= delta.refusal.is_some_and(|refusal| !refusal.is_empty());
    for call in delta.tool_calls.into_iter().flatten() {
        add(call, &mut heard.calls);
    }
}

/// Adds a piece to the call that it belongs to. genai does so by position: a server that counts from 1 had each call
/// twice there, and one that does not count had none.
fn add(piece: Call, calls: &mut Vec<(Option<u64>, DraftCall)>) {
    let known = match (piece.index, &piece.id) {
        (Some(index), _) => calls.iter().position(|(at, _)| *at == Some(index)),
        // Without an index, an id begins a call, or is that of one; a piece with neither goes on with the last.
        (None, Some(id)) => calls.iter().position(|(_, call)| call.id.as_ref() == Some(id)),
        (None, None) => calls.len().checked_sub(1),
    };
    let at = known.unwrap_or_else(|| {
        calls.push((piece.index, DraftCall { arguments: "".into(), ..DraftCall::default() }));
        calls.len() - 1
    });
    let Some((_, call)) = calls.get_mut(at) else { return };
    call.id = call.id.take().or(piece.id.filter(|id| !id.is_empty()));
    let Some(function) = piece.function else { return };
    if call.name.is_empty() {
        call.name = function.name.unwrap_or_default();
    }
    if let (Value::String(so_far), Some(more)) = (&mut call.arguments, function.arguments) {
        so_far.push_str(&more);
    }
}
