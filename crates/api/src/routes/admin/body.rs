use ninja_llm::{base_url, kind_info};
use ninja_types::ProviderKind;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult};
use crate::problem::FieldCode;

/// A model of a provider: what it can do and costs where that is not, or not rightly, in the price table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderModel {
    /// As the provider calls it.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) name: String,
    /// Left out: as in the price table.
    #[serde(default)]
    pub(super) features: Option<ModelFeatures>,
    /// Left out: as in the price table.
    #[serde(default)]
    pub(super) prices: Option<ModelPrices>,
}

/// What a model can do.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelFeatures {
    /// It calls tools.
    #[serde(default)]
    tools: bool,
    /// It obeys a JSON Schema.
    #[serde(default)]
    json_schema: bool,
    /// It sees pictures.
    #[serde(default)]
    vision: bool,
    /// It reasons before it answers.
    #[serde(default)]
    reasoning: bool,
    /// Tokens of its window.
    #[schema(minimum = 512, maximum = 100_000_000)]
    context_tokens: u64,
    /// Tokens that one answer may have.
    #[schema(minimum = 16, maximum = 10_000_000)]
    max_output_tokens: u32,
}

/// Millionths of a US dollar for a million tokens.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelPrices {
    /// Read.
    #[schema(maximum = 1_000_000_000)]
    input: u64,
    /// Written; reasoning is.
    #[schema(maximum = 1_000_000_000)]
    output: u64,
    /// Read from the cache.
    #[serde(default)]
    #[schema(maximum = 1_000_000_000)]
    cache_read: Option<u64>,
    /// Written to the cache of five minutes.
    #[serde(default)]
    #[schema(maximum = 1_000_000_000)]
    cache_write_5m: Option<u64>,
    /// Written to the cache of an hour.
    #[serde(default)]
    #[schema(maximum = 1_000_000_000)]
    cache_write_1h: Option<u64>,
}

/// What a key may do in a minute, over all workers together. Left out: as much as the provider takes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderLimits {
    /// Requests.
    #[serde(default)]
    #[schema(minimum = 1)]
    requests_per_minute: Option<u32>,
    /// Tokens, read and written.
    #[serde(default)]
    #[schema(minimum = 1)]
    tokens_per_minute: Option<u32>,
}

/// A column's value. Views hold strings and numbers: they always are JSON.
pub(super) fn column(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_else(|_none| json!(null))
}

/// A base URL as it is stored: checked, with a slash at the end.
pub(super) fn address(field: &str, text: &str) -> ApiResult<String> {
    let url = base_url(text);
    let url =
        url.map_err(|refused| ApiError::field(field, FieldCode::Format, refused.to_string()))?;
    Ok(url.into())
}

/// Where the providers of a kind are if nobody says otherwise.
pub(super) fn usual_address(kind: ProviderKind) -> Option<String> {
    kind_info(kind).default_base_url.map(str::to_owned)
}

/// A key as it may stand in a header. The message never holds any of it.
pub(super) fn checked_key(field: &str, key: SecretString) -> ApiResult<SecretString> {
    let text = key.expose_secret();
    if !text.is_empty() && text.len() <= 4_096 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key);
    }
    let message = "must be 1 to 4,096 letters, digits and signs without spaces";
    Err(ApiError::field(field, FieldCode::Pattern, message))
}
