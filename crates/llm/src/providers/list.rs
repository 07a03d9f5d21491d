//! Short questions: which models there are.

use std::time::Instant;

use ninja_egress::check_operator_url;
use ninja_types::ModelErrorClass;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use super::fault::Exchange;
use crate::error::{ProviderError, Seen};
use crate::provider::ModelInfo;

const LONGEST_BYTES: usize = 8 * 1024 * 1024;

/// Whether the address may be asked at all: it may have been stored before that was forbidden.
pub(super) fn may_be_asked(exchange: &Exchange<'_>) -> Result<(), ProviderError> {
    check_operator_url(&exchange.target.base_url).map_err(|error| {
        let message = format!("the base URL {error}");
        exchange.error(ModelErrorClass::Broken, &message, Seen::default())
    })
}

/// The JSON at `url`.
pub(super) async fn get(
    http: &reqwest::Client,
    url: Url,
    headers: Vec<(&'static str, String)>,
    exchange: &Exchange<'_>,
) -> Result<Value, ProviderError> {
    may_be_asked(exchange)?;
    let request = headers
        .into_iter()
        .fold(http.get(url), |request, (name, value)| request.header(name, value));
    whole(request, exchange).await
}

/// The JSON that a request is answered with.
pub(super) async fn whole(
    request: RequestBuilder,
    exchange: &Exchange<'_>,
) -> Result<Value, ProviderError> {
    let response = sent(request, exchange).await?;
    let body = body(response, exchange).await?;
    serde_json::from_slice(&body)
        .map_err(|_no_json| exchange.malformed("the answer is no JSON", Seen::default()))
}

/// The answer's head, if it is a success and comes in time.
pub(super) async fn sent(
    request: RequestBuilder,
    exchange: &Exchange<'_>,
) -> Result<Response, ProviderError> {
    let until = Instant::now() + exchange.target.patience.first_byte;
    let response = tokio::time::timeout_at(until.into(), request.send())
        .await
        .map_err(|_late| exchange.silent(false, Seen::default()))?
        .map_err(|error| exchange.transport(&error, Seen::default()))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    // The status says enough if the body does not come.
    let body = body(response, exchange).await.unwrap_or_default();
    Err(exchange.refused(status, &headers, &String::from_utf8_lossy(&body)))
}

async fn body(mut response: Response, exchange: &Exchange<'_>) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(piece) = tokio::time::timeout(exchange.target.patience.idle, response.chunk())
        .await
        .map_err(|_late| exchange.silent(true, Seen::default()))?
        .map_err(|error| exchange.transport(&error, Seen::default()))?
    {
        if body.len() + piece.len() > LONGEST_BYTES {
            return Err(exchange.malformed("the answer has no end", Seen::default()));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The models of a list under `member`, named by `name`.
pub(super) fn models(
    body: &Value,
    member: &str,
    info: impl Fn(&Value) -> Option<ModelInfo>,
) -> Vec<ModelInfo> {
    let list = body.get(member).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(info).collect()
}
