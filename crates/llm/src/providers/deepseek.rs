//! OpenAI's format, but JSON mode instead of a schema, and reasoning that must be sent back with the results of tools.
//! genai's adapter of this name would switch the reasoning of every model on or off, so its OpenAI adapter writes.

use ninja_types::ProviderKind;
use serde_json::{Value, json};

use super::genai_wire::{Dialect, Schema};
use super::{codes, openai};
use crate::chat::ChatRequest;
use crate::provider::Target;
use crate::registry::{KindInfo, Need};

pub(crate) const INFO: KindInfo = KindInfo {
    kind: ProviderKind::DeepSeek,
    title: "DeepSeek",
    default_base_url: Some("https://api.deepseek.com/v1/"),
    key: Need::Required,
    name: Need::Refused,
    models: Need::Optional,
};

pub(crate) const DIALECT: Dialect = Dialect {
    kind: ProviderKind::DeepSeek,
    schema: Schema::JsonMode,
    echoes_reasoning: true,
    extra,
    tables: &[codes::DEEPSEEK, codes::OPENAI],
    ..openai::DIALECT
};

fn extra(target: &Target, _: &ChatRequest) -> Value {
    json!({"model": target.model})
}
