use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::json::{fingerprint, parse};
use super::schema::Shape;
use crate::error::{ApiError, ApiResult, Code};
use crate::problem::FieldCode;

const BODY_BYTES: usize = 1024 * 1024;
const SILENCE: Duration = Duration::from_secs(30);

/// A JSON body that keeps every rule of its type's schema. `T` says `#[serde(deny_unknown_fields)]` and its limits as
/// `#[schema(max_length = 200)]`; what a schema cannot say is checked by the handler with [`ApiError::field`].
pub(crate) struct Valid<T>(pub T);

/// As [`Valid`], for bodies that may be left out.
pub(crate) struct ValidOrDefault<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Valid<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        async move {
            is_json(&req)?;
            let value = parse(&read(&req, payload).await?)?;
            // For `Once`, which runs beside this extractor.
            let _first = slot(&req).set(fingerprint(&value));
            check(value).map(Self)
        }
        .boxed_local()
    }
}

impl<T: DeserializeOwned + ToSchema + Default + 'static> FromRequest for ValidOrDefault<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let none = req.headers().get(CONTENT_LENGTH).is_none_or(|length| length == "0");
        if none && !req.headers().contains_key(TRANSFER_ENCODING) {
            return async { Ok(Self(T::default())) }.boxed_local();
        }
        Valid::from_request(req, payload)
            .map(|valid| valid.map(|Valid(body)| Self(body)))
            .boxed_local()
    }
}

/// For fields whose absence and whose null differ: `Option<Option<T>>` with `default, deserialize_with = "given"`.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Where the fingerprint of the body will stand once it was read.
pub(super) fn slot(req: &HttpRequest) -> Rc<OnceCell<[u8; 32]>> {
    let mut extensions = req.extensions_mut();
    if let Some(slot) = extensions.get::<Rc<OnceCell<[u8; 32]>>>() {
        return slot.clone();
    }
    let slot = Rc::new(OnceCell::new());
    extensions.insert(slot.clone());
    slot
}

/// `value` as a `T`, or all that is wrong with it.
pub(crate) fn check<T: DeserializeOwned + ToSchema + 'static>(value: Value) -> ApiResult<T> {
    let errors = Shape::of::<T>()?.errors(&value, "");
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    // The schema says less than the type: an id that is no UUID of ours, an amount with seven decimals.
    serde_json::from_value(value)
        .map_err(|error| ApiError::field("", FieldCode::Format, format!("cannot be read: {error}")))
}

fn is_json(req: &HttpRequest) -> ApiResult<()> {
    let given = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|text| text.split(';').next()).unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let plus = essence.strip_prefix("application/").and_then(|kind| kind.strip_suffix("+json"));
    if essence == "application/json" || plus.is_some_and(|kind| !kind.is_empty()) {
        return Ok(());
    }
    Err(ApiError::new(Code::UnsupportedMediaType, "Send JSON as Content-Type: application/json."))
}

/// The whole body. Refused by its declared length before a byte is read, and by count.
pub(super) async fn read(req: &HttpRequest, mut payload: Payload) -> ApiResult<Vec<u8>> {
    let too_large = || ApiError::new(Code::BodyTooLarge, "A JSON body has at most 1 MiB.");
    let declared = req.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if declared.and_then(|length| length.parse::<usize>().ok()).is_some_and(|n| n > BODY_BYTES) {
        return Err(too_large());
    }
    let broken = |why: &str| ApiError::new(Code::MalformedRequest, format!("The body {why}."));
    let mut body = Vec::new();
    loop {
        let chunk = tokio::time::timeout(SILENCE, payload.next()).await;
        let Some(chunk) = chunk.map_err(|_elapsed| broken("stopped coming for 30 seconds"))? else {
            return Ok(body);
        };
        let chunk = chunk.map_err(|error| {
            broken("ended early or is not well formed").because(error.to_string())
        })?;
        if body.len() + chunk.len() > BODY_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
}
