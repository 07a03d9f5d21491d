//! The client of the API: identity, repeats, streams. Nothing here prints.
//!
//! `http.rs` sends, `session.rs` knows who asks, `profile.rs` keeps the login, `sse.rs` reads event streams, `events.rs`
//! follows a task across broken connections, `upload.rs` and `download.rs` move bytes without holding them.

mod download;
mod events;
mod http;
mod problem;
mod profile;
mod session;
mod sse;
mod upload;

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

pub(crate) use download::{Target, download};
pub(crate) use events::{Delta, Event, EventStream, Item};
pub(crate) use http::Again;
use http::Http;
pub(crate) use problem::Problem;
pub(crate) use profile::Keeper;
pub(crate) use session::{Identity, Tokens};
pub(crate) use upload::upload;

use crate::error::{CliError, CliResult};

/// How long an ordinary answer may take; a long poll adds its own wait.
const ANSWER: Duration = Duration::from_secs(30);

/// The API, as one caller sees it.
#[derive(Debug)]
pub(crate) struct Api {
    http: Http,
    identity: Identity,
}

impl Api {
    /// The API at `base`, asked by `identity`.
    pub(crate) fn new(base: Url, identity: Identity) -> CliResult<Self> {
        Ok(Self { http: Http::new(base)?, identity })
    }

    /// Where it is.
    pub(crate) fn base(&self) -> &Url {
        self.http.base()
    }

    /// Something came that our API would not send.
    pub(crate) fn strange(&self, what: &str) -> CliError {
        self.http.strange(what)
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, String)]) -> CliResult<Value> {
        let wait = query.iter().find(|(name, _)| *name == "wait_seconds");
        let wait = wait.and_then(|(_, value)| value.parse().ok()).map_or(0, |wait: u64| wait);
        let limit = ANSWER + Duration::from_secs(wait);
        let build = async |request: RequestBuilder| Ok(request.query(query).timeout(limit));
        let response = self.send(Method::GET, path, Again::Safe, build).await?;
        self.http.json(response).await
    }

    /// POST with a body; with a key, a repeat is answered like the first and creates nothing.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> CliResult<Value> {
        let again = if key.is_some() { Again::Safe } else { Again::Never };
        let build = async |request: RequestBuilder| {
            let request = request.json(body).timeout(ANSWER);
            Ok(match key {
                Some(key) => request.header("Idempotency-Key", key),
                None => request,
            })
        };
        let response = self.send(Method::POST, path, again, build).await?;
        self.http.json(response).await
    }

    /// POST without a body and without an answer worth reading, which may be repeated.
    pub(crate) async fn act(&self, path: &str) -> CliResult<Option<Value>> {
        let build = async |request: RequestBuilder| Ok(request.timeout(ANSWER));
        let response = self.send(Method::POST, path, Again::Safe, build).await?;
        if response.status() == reqwest::StatusCode::NO_CONTENT {
            return Ok(None);
        }
        self.http.json(response).await.map(Some)
    }

    /// Sends a request as this caller. A token that was refused as too old is refreshed once.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        again: Again,
        build: impl AsyncFn(RequestBuilder) -> CliResult<RequestBuilder>,
    ) -> CliResult<Response> {
        let url = self.http.url(path)?;
        let mut token = self.token(None).await?;
        let mut refreshed = false;
        loop {
            let make = async || {
                let request = self.http.client().request(method.clone(), url.clone());
                build(self.identified(request, token.as_ref())).await
            };
            let response = self.http.send(again, make).await?;
            match self.http.refused(response).await {
                Err(CliError::Refused(problem))
                    if problem.is_stale_token() && !refreshed && token.is_some() =>
                {
                    refreshed = true;
                    token = self.token(token.as_ref()).await?;
                }
                other => return other,
            }
        }
    }

    async fn token(&self, stale: Option<&SecretString>) -> CliResult<Option<SecretString>> {
        match &self.identity {
            Identity::Login(keeper) => {
                session::access_token(&self.http, keeper, stale).await.map(Some)
            }
            Identity::Nobody | Identity::Key(_) => Ok(None),
        }
    }

    fn identified(&self, request: RequestBuilder, token: Option<&SecretString>) -> RequestBuilder {
        match (&self.identity, token) {
            (Identity::Key(key), _) => request.header("X-API-Key", key.expose_secret()),
            (_, Some(token)) => request.bearer_auth(token.expose_secret()),
            (_, None) => request,
        }
    }
}

/// A key for a request that must not act twice.
pub(crate) fn once() -> String {
    format!("ninjactl-{}", Uuid::now_v7())
}
