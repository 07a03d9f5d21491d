use std::any::TypeId;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::schema::Shape;
use crate::error::{ApiError, ApiResult, Code};
use crate::problem::{FieldCode, FieldError};

/// A query that keeps every rule of its `IntoParams`: an unknown name is 422, a doubled one 400.
pub(crate) struct ValidQuery<T>(pub T);

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for ValidQuery<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(pairs(req.query_string()).and_then(|pairs| check::<T>(&pairs)).map(Self))
    }
}

/// The words of a comma-separated parameter: `?status=running,failed`.
pub(crate) fn words<T: FromStr>(parameter: &str, text: &str, all: &[&str]) -> ApiResult<Vec<T>> {
    let read = |word: &str| {
        word.parse().map_err(|_unknown| {
            let message = format!("must be some of {}, separated by commas", all.join(", "));
            ApiError::field(format!("query:{parameter}"), FieldCode::NotInEnum, message)
        })
    };
    text.split(',').map(read).collect()
}

/// Whether `name` is that of a secret, which no query may carry: queries end up in logs and histories.
pub(crate) fn names_a_secret(query: &str) -> bool {
    const SECRETS: [&str; 5] = ["token", "access_token", "refresh_token", "api_key", "ticket"];
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| SECRETS.contains(&&*name))
}

/// Name and value of each parameter.
pub(super) fn pairs(query: &str) -> ApiResult<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if pairs.contains_key(&*name) {
            let shown: String = name.chars().take(40).collect();
            let detail = format!("The query parameter {shown:?} is given twice.");
            return Err(ApiError::new(Code::MalformedRequest, detail));
        }
        pairs.insert(name.into_owned(), value.into_owned());
    }
    Ok(pairs)
}

/// `pairs` as a `T`, or all that is wrong with them.
pub(super) fn check<T: DeserializeOwned + IntoParams + 'static>(
    pairs: &BTreeMap<String, String>,
) -> ApiResult<T> {
    let parameters = T::into_params(|| Some(ParameterIn::Query));
    let schemas: Map<String, Value> = parameters.iter().map(schema).collect();
    let typed: Map<String, Value> =
        pairs.iter().map(|(name, text)| (name.clone(), typed(text, schemas.get(name)))).collect();
    let required: Vec<&str> = parameters
        .iter()
        .filter(|p| matches!(p.required, utoipa::openapi::Required::True))
        .map(|p| p.name.as_str())
        .collect();
    let shape = Shape::known(
        TypeId::of::<T>(),
        || json!({ "type": "object", "additionalProperties": false, "properties": schemas, "required": required }),
    )?;
    let value = Value::Object(typed);
    let errors: Vec<_> = shape.errors(&value, "").into_iter().map(named).collect();
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    serde_json::from_value(value).map_err(|error| {
        ApiError::field("query:", FieldCode::Format, format!("cannot be read: {error}"))
    })
}

fn named(error: FieldError) -> FieldError {
    let name = error.field.trim_start_matches('/').replace("~1", "/").replace("~0", "~");
    let message = match error.code {
        FieldCode::UnknownField => "is no parameter that is known here".to_owned(),
        _ => error.message,
    };
    FieldError::new(format!("query:{name}"), error.code, message)
}

fn schema(parameter: &Parameter) -> (String, Value) {
    let schema = parameter.schema.as_ref().and_then(|schema| serde_json::to_value(schema).ok());
    (parameter.name.clone(), schema.unwrap_or(Value::Bool(true)))
}

/// `text` as what the schema asks for; a text that is no number stays one, and the schema says so.
fn typed(text: &str, schema: Option<&Value>) -> Value {
    let asked = |kind: &str| match schema.and_then(|schema| schema.get("type")) {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    };
    match text {
        "true" | "false" if asked("boolean") => Value::Bool(text == "true"),
        digits if asked("integer") => {
            digits.parse::<i64>().map_or_else(|_bad| text.into(), Value::from)
        }
        plain => plain.into(),
    }
}
