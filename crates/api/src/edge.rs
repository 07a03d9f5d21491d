//! The outermost layer: the request's id, the headers of every answer, the body of every error, panics, the access log.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures_util::FutureExt;
use ninja_types::RequestId;
use tracing::Instrument;

use crate::app::App;
use crate::caller::Admitted;
use crate::cors;
use crate::error::{ApiError, Code};
use crate::gate::Matched;
use crate::limits::Shown;
use crate::origin;

/// The request's id, as a text: a client may have chosen it.
#[derive(Clone)]
pub(crate) struct RequestName(pub String);

/// What must be known before the request is handed on, since it may not come back.
struct Arrival {
    id: String,
    method: &'static str,
    at: Instant,
    api: bool,
    tls: bool,
    origin: Option<HeaderValue>,
}

/// A request whose handler panicked: all that is left of it.
#[derive(Debug)]
struct Lost(ApiError, String, HeaderMap);

/// The middleware.
pub(crate) async fn edge(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let arrival = Arrival::of(&req);
    req.extensions_mut().insert(RequestName(arrival.id.clone()));
    let span =
        tracing::info_span!("request", request_id = %arrival.id, user_id = tracing::field::Empty);
    async {
        match AssertUnwindSafe(next.call(req)).catch_unwind().await {
            Ok(Ok(response)) => Ok(arrival.finish(response.map_into_boxed_body())),
            Ok(Err(error)) => Err(arrival.lost(as_ours(&error))),
            Err(panic) => Err(arrival.lost(ApiError::internal(told(&*panic)))),
        }
    }
    .instrument(span)
    .await
}

impl Arrival {
    fn of(req: &ServiceRequest) -> Self {
        let given = req.headers().get("X-Request-Id").and_then(|value| value.to_str().ok());
        let given = given.filter(|id| {
            (8..=128).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        });
        let server = req.app_data::<Data<App>>().map(|app| &app.config.server);
        Self {
            id: given.map_or_else(|| RequestId::new().to_string(), str::to_owned),
            method: word(req.method()),
            at: Instant::now(),
            api: req.path().starts_with("/api/"),
            tls: server.is_some_and(|server| origin::is_tls(req, server)),
            origin: server.and_then(|server| cors::allowed(req.headers(), server)),
        }
    }

    /// Gives an error its body, every answer its headers, the log its line.
    fn finish(&self, response: ServiceResponse) -> ServiceResponse {
        let (req, response) = response.into_parts();
        let extensions = req.extensions();
        if let Some(identity) = extensions.get::<Admitted>().and_then(|admitted| admitted.identity)
        {
            tracing::Span::current().record("user_id", tracing::field::display(identity.user));
        }
        let error = match response.error() {
            Some(error) => Some(as_ours(error)),
            None if response.status() == StatusCode::NOT_FOUND && is_bare(&response) => {
                Some(ApiError::new(Code::RouteNotFound, "There is no such path: see /docs."))
            }
            None => None,
        };
        let mut response = error.map_or(response, |error| error.response(&self.id));
        if let Some(shown) = extensions.get::<Shown>() {
            shown.write(response.headers_mut());
        }
        self.headers(response.headers_mut());
        let route = extensions.get::<Matched>().map_or("other", |matched| &matched.0);
        self.log(route, response.status());
        drop(extensions);
        ServiceResponse::new(req, response)
    }

    fn lost(&self, error: ApiError) -> Error {
        let mut headers = HeaderMap::new();
        self.headers(&mut headers);
        self.log("other", error.status_code());
        Lost(error, self.id.clone(), headers).into()
    }

    fn headers(&self, headers: &mut HeaderMap) {
        let mut default = |name: &'static str, value: &'static str| {
            let name = HeaderName::from_static(name);
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        };
        default("x-content-type-options", "nosniff");
        default("referrer-policy", "no-referrer");
        default("content-security-policy", "frame-ancestors 'none'");
        if self.tls {
            default("strict-transport-security", "max-age=31536000");
        }
        if self.api && !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        if let Some(origin) = &self.origin {
            cors::grant(headers, origin.clone());
        }
    }

    // Never the query: it may hold what does not belong into a log.
    fn log(&self, route: &str, status: StatusCode) {
        let seconds = self.at.elapsed().as_secs_f64();
        let labels = [("method", self.method.to_owned()), ("route", route.to_owned())];
        metrics::histogram!("ninja_http_request_seconds", &labels).record(seconds);
        let [method, route_label] = labels;
        let labels = [method, route_label, ("status", status.as_str().to_owned())];
        metrics::counter!("ninja_http_requests_total", &labels).increment(1);
        let (method, status) = (self.method, status.as_u16());
        tracing::info!(method, route, status, seconds, "answered");
    }
}

impl Shown {
    fn write(&self, headers: &mut HeaderMap) {
        let policy = format!("\"{}\";q={};w={}", self.name, self.limit, self.window_seconds);
        let now = format!("\"{}\";r={};t={}", self.name, self.remaining, self.reset_seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", now)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Lost {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.0.response(&self.1);
        for (name, value) in &self.2 {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

/// What the framework itself refused, in our words.
fn as_ours(error: &Error) -> ApiError {
    if let Some(ours) = error.as_error::<ApiError>() {
        return ours.clone();
    }
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => ApiError::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(Code::BodyTooLarge, "The body is too large.")
        }
        status if status.is_client_error() => {
            ApiError::new(Code::MalformedRequest, "The request cannot be read.")
        }
        _ => ApiError::internal(error.to_string()),
    }
}

// The client chooses the method; the metrics must not grow with it.
fn word(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
    KNOWN.into_iter().find(|known| method == *known).unwrap_or("OTHER")
}

fn is_bare(response: &HttpResponse) -> bool {
    matches!(
        response.body().size(),
        actix_web::body::BodySize::None | actix_web::body::BodySize::Sized(0)
    )
}

fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.as_deref().unwrap_or("without a message"))
}
