use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ninja_config::ServerConfig;

const EXPOSED: &str = "X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, Location, ETag, Content-Disposition, Idempotency-Replayed";

/// The answer to OPTIONS: a preflight from a page that may call us, else the methods of the path.
pub(crate) fn options(req: &ServiceRequest, server: &ServerConfig, allow: &str) -> HttpResponse {
    let mut answer = HttpResponse::NoContent();
    let preflight = req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if preflight && allowed(req.headers(), server).is_some() {
        let asked = req.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, allow));
        answer.insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"));
        if let Some(headers) = asked {
            answer.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers));
        }
    } else {
        answer.insert_header((header::ALLOW, allow));
    }
    answer.finish()
}

/// The origin of the request, if it is on the list: exact, never a star.
pub(crate) fn allowed(headers: &HeaderMap, server: &ServerConfig) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    server.cors_origins.iter().any(|known| origin == known.as_str()).then(|| origin.clone())
}

/// What lets a page of `origin` read the answer.
pub(crate) fn grant(headers: &mut HeaderMap, origin: HeaderValue) {
    let exposed = HeaderName::from_static("access-control-expose-headers");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(exposed, HeaderValue::from_static(EXPOSED));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
