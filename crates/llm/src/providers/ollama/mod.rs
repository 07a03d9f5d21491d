//! Ollama's own format: one JSON object a line. genai sends there neither the size of the context nor a schema, and Ollama
//! cuts a prompt in silence that is longer than its context of four thousand tokens (ADR 0020).

mod ask;
mod read;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use ninja_types::ProviderKind;
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::codes::{self, Table};
use super::fault::Exchange;
use super::genai_wire::below;
use super::{finish, list};
use crate::answer::Completion;
use crate::chat::ChatRequest;
use crate::error::ProviderError;
use crate::provider::{DeltaSink, ModelInfo, Provider, Target};
use crate::registry::{KindInfo, Need};

pub(crate) const INFO: KindInfo = KindInfo {
    kind: ProviderKind::Ollama,
    title: "Ollama",
    default_base_url: Some("http://127.0.0.1:11434/"),
    key: Need::Optional,
    name: Need::Refused,
    models: Need::Optional,
};

const TABLES: &[Table] = &[codes::OLLAMA];
/// Models whose details are asked for at a time.
const ASKED_AT_ONCE: usize = 4;

/// A server of Ollama.
pub(crate) struct Ollama {
    http: reqwest::Client,
}

impl Ollama {
    pub(crate) fn new(http: &reqwest::Client) -> Self {
        Self { http: http.clone() }
    }

    fn post(&self, target: &Target, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(below(&target.base_url, path)).json(body);
        headers(target)
            .into_iter()
            .fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn info(&self, target: &Target, name: String) -> Result<ModelInfo, ProviderError> {
        let exchange = Exchange { target, request: None, tables: TABLES };
        let request = self.post(target, "api/show", &json!({"model": name}));
        let shown = list::whole(request, &exchange).await?;
        // `llama.context_length`, `qwen3.context_length`: named after the architecture.
        let architecture =
            shown.pointer("/model_info/general.architecture").and_then(Value::as_str);
        let context_tokens = architecture.and_then(|name| {
            shown.get("model_info")?.get(format!("{name}.context_length"))?.as_u64()
        });
        let can = shown.get("capabilities").and_then(Value::as_array);
        let tools = can.map(|can| can.iter().any(|word| word == "tools"));
        Ok(ModelInfo { name, context_tokens, tools })
    }
}

/// A server that stands behind a gateway may have a key.
fn headers(target: &Target) -> Vec<(&'static str, String)> {
    let mut headers = vec![("X-Client-Request-Id", target.request_id.clone())];
    if let Some(key) = &target.key {
        headers.push(("Authorization", format!("Bearer {}", key.expose_secret())));
    }
    headers
}

#[async_trait]
impl Provider for Ollama {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Ollama
    }

    async fn chat(
        &self,
        target: &Target,
        request: &ChatRequest,
        deltas: &dyn DeltaSink,
    ) -> Result<Completion, ProviderError> {
        let exchange = Exchange { target, request: Some(request), tables: TABLES };
        list::may_be_asked(&exchange)?;
        let body = ask::body(target, request);
        let response = list::sent(self.post(target, "api/chat", &body), &exchange).await?;
        let draft = read::read(response, &exchange, deltas).await?;
        finish::finish(draft, &exchange)
    }

    async fn models(&self, target: &Target) -> Result<Vec<ModelInfo>, ProviderError> {
        let exchange = Exchange { target, request: None, tables: TABLES };
        let url = below(&target.base_url, "api/tags");
        let tags = list::get(&self.http, url, headers(target), &exchange).await?;
        let names = list::models(&tags, "models", |model| {
            let name = model.get("name")?.as_str()?.to_owned();
            Some(ModelInfo { name, context_tokens: None, tools: None })
        });
        stream::iter(names)
            .map(|model| self.info(target, model.name))
            .buffered(ASKED_AT_ONCE)
            .try_collect()
            .await
    }
}
