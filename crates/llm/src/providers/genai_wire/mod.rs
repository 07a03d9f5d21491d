//! The five formats that genai writes and reads. It is asked for one thing: to write a request, and to read the events of
//! its answer. Which address, which headers, how long silence lasts, what an error means and whether an answer is one is
//! decided here, because genai would guess it (ADR 0020).

mod ask;
mod ear;
mod stream;

use std::sync::Arc;

use async_trait::async_trait;
use genai::adapter::AdapterKind;
use genai::resolver::{AuthData, Endpoint};
use genai::{Headers, ModelIden, ModelSpec, ServiceTarget};
use ninja_types::{ModelErrorClass, ProviderKind};
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::codes::Table;
use super::fault::Exchange;
use super::{finish, list};
use crate::answer::{Completion, Tokens};
use crate::chat::ChatRequest;
use crate::error::{ProviderError, Seen};
use crate::provider::{DeltaSink, ModelInfo, Provider, Target};

pub(super) use ask::Schema;
pub(super) use ear::Heard;
pub(super) use stream::LONGEST_ANSWER_BYTES;

/// What one of the formats names otherwise than the others.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(super) kind: ProviderKind,
    pub(super) adapter: AdapterKind,
    /// Below the base URL.
    pub(super) chat: fn(&Target) -> Url,
    pub(super) headers: fn(key: &str) -> Vec<(&'static str, String)>,
    pub(super) schema: Schema,
    /// A schema is taken in a request that offers tools.
    pub(super) schema_beside_tools: bool,
    /// Reasoning goes back to the provider with the results of the tools that it led to.
    pub(super) echoes_reasoning: bool,
    /// Members of the body that genai leaves out or would guess.
    pub(super) extra: fn(&Target, &ChatRequest) -> Value,
    /// Marks what the next call will begin with.
    pub(super) marks_cache: bool,
    /// Reads what was reported of tokens.
    pub(super) usage: fn(&Value) -> Option<Tokens>,
    /// Hears one frame of an answer.
    pub(super) hear: fn(&str, &mut Heard),
    pub(super) tables: &'static [Table],
    /// Below the base URL, and how its answer is read.
    pub(super) models: (&'static str, fn(&Value) -> Vec<ModelInfo>),
}

/// A provider that genai speaks to.
pub(crate) struct Wire {
    dialect: &'static Dialect,
    /// `None` cannot be: it is built from a client that exists. The library's signature says otherwise.
    client: Option<genai::Client>,
    http: reqwest::Client,
}

impl Wire {
    pub(crate) fn new(dialect: &'static Dialect, http: &reqwest::Client) -> Self {
        let client = genai::Client::builder().with_reqwest(http.clone()).build().ok();
        Self { dialect, client, http: http.clone() }
    }

    fn exchange<'a>(&self, target: &'a Target, request: Option<&'a ChatRequest>) -> Exchange<'a> {
        Exchange { target, request, tables: self.dialect.tables }
    }

    fn headers(&self, target: &Target) -> Vec<(&'static str, String)> {
        let mut headers = target
            .key
            .as_ref()
            .map_or_else(Vec::new, |key| (self.dialect.headers)(key.expose_secret()));
        headers.push(("X-Client-Request-Id", target.request_id.clone()));
        headers
    }

    /// Address and headers are ours, whole: genai would take the model's name apart to make them.
    fn service(&self, target: &Target) -> ModelSpec {
        let auth = AuthData::RequestOverride {
            url: (self.dialect.chat)(target).into(),
            headers: Headers::from(self.headers(target)),
        };
        let model = ModelIden::new(self.dialect.adapter, target.model.clone());
        let endpoint = Endpoint::from_owned(target.base_url.as_str());
        ModelSpec::Target(ServiceTarget { endpoint, auth, model })
    }
}

#[async_trait]
impl Provider for Wire {
    fn kind(&self) -> ProviderKind {
        self.dialect.kind
    }

    async fn chat(
        &self,
        target: &Target,
        request: &ChatRequest,
        deltas: &dyn DeltaSink,
    ) -> Result<Completion, ProviderError> {
        let exchange = self.exchange(target, Some(request));
        list::may_be_asked(&exchange)?;
        let Some(client) = &self.client else {
            let message = "the client could not be built";
            return Err(exchange.error(ModelErrorClass::Broken, message, Seen::default()));
        };
        let ear = Arc::new(ear::Ear::new(self.dialect.hear));
        let asked = ask::request(self.dialect, target, request);
        let options = ask::options(self.dialect, target, request, ear.clone());
        let listening = stream::Listening::new(self.dialect, &ear, &exchange);
        let stream = client
            .exec_chat_stream(self.service(target), asked, Some(&options))
            .await
            // The error would print the request; that it could not be written is all there is to say.
            .map_err(|_prints_the_request| {
                let message = "the request cannot be written in this format";
                exchange.error(ModelErrorClass::BadRequest, message, Seen::default())
            })?;
        let draft = stream::read(stream.stream, listening, deltas).await?;
        finish::finish(draft, &exchange)
    }

    async fn models(&self, target: &Target) -> Result<Vec<ModelInfo>, ProviderError> {
        let (path, read) = self.dialect.models;
        let exchange = self.exchange(target, None);
        let url = below(&target.base_url, path);
        let body = list::get(&self.http, url, self.headers(target), &exchange).await?;
        Ok(read(&body))
    }
}

/// `path` below a base URL, whether or not that ends in a slash: without one, its last part would be lost.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url.set_query(query);
    url
}
