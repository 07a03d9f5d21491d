//! Whatever speaks OpenAI's format: llama.cpp, vLLM, LiteLLM, OpenRouter.

use ninja_types::ProviderKind;
use serde_json::{Value, json};

use super::genai_wire::Dialect;
use super::{codes, openai};
use crate::chat::ChatRequest;
use crate::provider::Target;
use crate::registry::{KindInfo, Need};

pub(crate) const INFO: KindInfo = KindInfo {
    kind: ProviderKind::Compatible,
    title: "OpenAI-compatible",
    default_base_url: None,
    key: Need::Optional,
    name: Need::Required,
    models: Need::Optional,
};

pub(crate) const DIALECT: Dialect = Dialect {
    kind: ProviderKind::Compatible,
    extra,
    tables: &[codes::COMPATIBLE, codes::OPENAI],
    ..openai::DIALECT
};

/// Only what every server of this format takes: some refuse a request for a member that they do not know.
fn extra(target: &Target, _: &ChatRequest) -> Value {
    json!({"model": target.model})
}
