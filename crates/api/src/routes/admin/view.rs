use chrono::{DateTime, Utc};
use ninja_db::providers::ProviderRow;
use ninja_types::{ProviderKind, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{ProviderLimits, ProviderModel};
use crate::error::ApiResult;

/// A provider of models as administrators see it. Its key is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderView {
    id: Uuid,
    /// `openai`, `anthropic`, `google`, `deepseek`, `ollama`, `compatible`.
    #[schema(value_type = String)]
    kind: ProviderKind,
    /// As `provider/model` names it.
    name: String,
    base_url: String,
    /// `***` and its last four characters; null: none is stored.
    #[schema(required)]
    key: Option<String>,
    models: Vec<ProviderModel>,
    limits: ProviderLimits,
    /// Its calls cost nothing.
    self_hosted: bool,
    /// Lower comes first.
    priority: i32,
    enabled: bool,
    /// `config` and `discovered` cannot be changed here.
    source: String,
    #[schema(required)]
    last_test: Option<ProviderTest>,
    #[schema(value_type = DateTime<Utc>)]
    created_at: Time,
    #[schema(value_type = DateTime<Utc>)]
    updated_at: Time,
}

/// What came of asking a provider.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProviderTest {
    /// It answered a question.
    ok: bool,
    /// How it failed: `auth`, `billing`, `rate`, `overloaded`, `server`, `timeout_connect`, `not_found` and others.
    #[schema(required)]
    class: Option<String>,
    /// The HTTP status of the failure, where there was one.
    #[schema(required)]
    status: Option<u16>,
    /// What went wrong, in words.
    #[schema(required)]
    message: Option<String>,
    /// Which model was asked.
    #[schema(required)]
    model: Option<String>,
    /// How long the list of its models took.
    latency_ms: u64,
    /// How many models it has.
    models_found: u64,
    chat: ProviderAnswer,
    /// The model called a tool that it was told to call.
    tools_ok: bool,
    /// The answer had the shape that was asked for.
    schema_ok: bool,
    #[schema(value_type = DateTime<Utc>)]
    tested_at: Time,
}

/// An answer of at most eight tokens.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProviderAnswer {
    ok: bool,
    /// Until the first piece of the answer.
    #[schema(required)]
    ttft_ms: Option<u64>,
    /// The provider said how many tokens it took.
    usage_reported: bool,
}

impl ProviderView {
    pub(super) fn of(row: ProviderRow) -> ApiResult<Self> {
        let kind = row.kind()?;
        Ok(Self {
            id: row.id.0,
            kind,
            name: row.name,
            base_url: row.base_url,
            key: row.key_last4.map(|last4| format!("***{last4}")),
            models: lenient(row.models).unwrap_or_default(),
            limits: lenient(row.limits).unwrap_or_default(),
            self_hosted: row.self_hosted,
            priority: row.priority,
            enabled: row.enabled,
            source: row.source,
            last_test: row.last_test.and_then(lenient),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// What a test stored; `None`: another version did, in other words.
pub(super) fn test_view(stored: Value) -> Option<ProviderTest> {
    lenient(stored)
}

fn lenient<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

fn time(at: DateTime<Utc>) -> Time {
    at.into()
}
