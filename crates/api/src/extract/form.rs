//! Bodies of HTML forms: only `POST /auth/login` takes one.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;

use super::query::pairs;
use super::valid;
use crate::error::{ApiError, ApiResult, Code};

pub(crate) use super::valid::check;

/// Whether the body is a form by its content type.
pub(crate) fn is_form(req: &HttpRequest) -> bool {
    let given = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Name and value of each field.
pub(crate) async fn read(
    req: &HttpRequest,
    payload: Payload,
) -> ApiResult<BTreeMap<String, String>> {
    let body = valid::read(req, payload).await?;
    let text = String::from_utf8(body);
    let text =
        text.map_err(|_bad| ApiError::new(Code::MalformedRequest, "The form is not UTF-8."))?;
    pairs(&text)
}
