//! What every request passes before its handler: the path and method must exist, the identity must hold, the permission
//! must fit, the caller must not have asked too often. All of it from the registry, so no handler can forget it.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};
use ninja_config::{Rate, ServerConfig};
use ninja_db::audit::{Act, Origin, record};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::caller::{Admitted, Identity};
use crate::cors;
use crate::edge::RequestName;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::names_a_secret;
use crate::limits::{self, Shown, network};
use crate::origin;
use crate::problem::{FieldCode, FieldError};
use crate::registry::{Grant, Operation, allow};
use crate::tickets;

const QUERY_BYTES: usize = 8_192;

/// What monitors ask, as often as they like.
pub(crate) const UNCOUNTED: [&str; 4] = ["/livez", "/readyz", "/health", "/api/v1/health"];

/// Path template of the operation, for the access log and the metrics.
#[derive(Clone)]
pub(crate) struct Matched(pub String);

/// What the gate decided.
enum Way {
    Through,
    Answered(HttpResponse),
}

/// The middleware. A refusal becomes the answer here; the edge gives it its body.
pub(crate) async fn gate(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match admit(&mut req).await {
        Ok(Way::Through) => Ok(next.call(req).await?.map_into_boxed_body()),
        Ok(Way::Answered(response)) => Ok(req.into_response(response)),
        Err(error) => Ok(req.error_response(error)),
    }
}

async fn admit(req: &mut ServiceRequest) -> ApiResult<Way> {
    let Some(app) = req.app_data::<Data<App>>().cloned() else {
        return Err(ApiError::internal("the server has no state"));
    };
    if req.query_string().len() > QUERY_BYTES {
        return Err(ApiError::new(Code::UriTooLong, "The query string has at most 8,192 bytes."));
    }
    let Some(operations) = app.registry.at(req.path()) else {
        return Err(ApiError::new(Code::RouteNotFound, "There is no such path: see /docs."));
    };
    if req.method() == Method::OPTIONS {
        return Ok(Way::Answered(cors::options(req, &app.config.server, &allow(operations))));
    }
    let operation = operation(req, operations)?;
    req.extensions_mut().insert(Matched(operation.path.clone()));
    if names_a_secret(req.query_string()) {
        return Err(ApiError::new(
            Code::SecretInQuery,
            "Send secrets in a header, never in the URL.",
        ));
    }
    let plain = |encoding: &&actix_web::http::header::HeaderValue| *encoding == "identity";
    if req.headers().get(CONTENT_ENCODING).is_some_and(|encoding| !plain(&encoding)) {
        return Err(ApiError::new(
            Code::UnsupportedMediaType,
            "Send the body without a Content-Encoding.",
        ));
    }
    let from = req.extensions().get::<RequestName>().map(|name| Origin {
        ip: origin::address(req, &app.config.server).map(|address| address.to_string()),
        user_agent: origin::user_agent(req),
        request_id: Some(name.0.clone()),
    });
    let from = from.unwrap_or_default();
    let identity = identify(&app, req, operation, &from).await?;
    refuse_parameters(req.query_string(), operation)?;
    req.extensions_mut().insert(Admitted { grant: operation.grant, identity, from });
    Ok(Way::Through)
}

/// The operation that the method asks for. HEAD is a GET whose body the server leaves out.
fn operation<'a>(req: &mut ServiceRequest, all: &'a [Operation]) -> ApiResult<&'a Operation> {
    let head = req.method() == Method::HEAD;
    let asked = if head { Method::GET } else { req.method().clone() };
    let streams = req.headers().get(ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    let found = all
        .iter()
        .find(|operation| operation.method == asked && !(head && (streams || operation.socket)));
    if head && found.is_some() {
        req.head_mut().method = Method::GET;
    }
    found.ok_or_else(|| ApiError::method_not_allowed(&allow(all)))
}

async fn identify(
    app: &App,
    req: &ServiceRequest,
    operation: &Operation,
    from: &Origin,
) -> ApiResult<Option<Identity>> {
    let shown = credentials(req.headers())?;
    let ticket = if operation.socket { ticket(req, &app.config.server, shown)? } else { None };
    if operation.grant == Grant::Public {
        return count_stranger(app, req, operation).await.map(|()| None);
    }
    if operation.grant == Grant::Metrics && shown.is_some_and(|token| is_collector(app, token)) {
        return Ok(None);
    }
    let identity = match (shown, ticket) {
        (Some(token), _) => verify(app, token).await,
        (None, Some(ticket)) => tickets::redeem(app, ticket).await,
        (None, None) => {
            Err(ApiError::new(Code::Unauthenticated, "Log in: POST /api/v1/auth/login."))
        }
    };
    let identity = match identity {
        Ok(identity) => identity,
        Err(refused) => {
            count_stranger(app, req, operation).await?;
            return Err(refused);
        }
    };
    count_user(app, req, &identity).await?;
    permit(app, operation, &identity, from).await?;
    Ok(Some(identity))
}

/// What stands behind `Authorization: Bearer`; nothing if no identity was given.
fn credentials(headers: &HeaderMap) -> ApiResult<Option<&str>> {
    let key = headers.get("X-API-Key");
    let Some(given) = headers.get(AUTHORIZATION) else {
        return key.map_or(Ok(None), |_key| Err(no_such_key()));
    };
    if key.is_some() || headers.get_all(AUTHORIZATION).count() > 1 {
        let detail = "Give one identity: Authorization or X-API-Key.";
        return Err(ApiError::new(Code::AmbiguousCredentials, detail));
    }
    let text = given.to_str().unwrap_or_default();
    let bearer = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer.map(|(_, token)| token.trim()) {
        Some(token) if token.starts_with("itn_") => Err(no_such_key()),
        Some(token) => Ok(Some(token)),
        None => {
            Err(ApiError::new(Code::InvalidToken, "Send Authorization: Bearer <access token>."))
        }
    }
}

/// The ticket of a socket. A page must come from where pages may come from, whatever it shows.
fn ticket<'a>(
    req: &'a ServiceRequest,
    server: &ServerConfig,
    shown: Option<&str>,
) -> ApiResult<Option<&'a str>> {
    let ticket = tickets::given(req.headers());
    if shown.is_some() && ticket.is_some() {
        let detail = "Give one identity: a ticket, Authorization or X-API-Key.";
        return Err(ApiError::new(Code::AmbiguousCredentials, detail));
    }
    match origin::may_connect(req.headers(), server) {
        Some(true) => Ok(ticket),
        None if ticket.is_none() => Ok(None),
        Some(false) => Err(ApiError::new(
            Code::OriginForbidden,
            "Pages of this Origin may not connect: NINJA_SERVER__CORS_ORIGINS lists those that may.",
        )),
        None => Err(ApiError::new(
            Code::OriginForbidden,
            "A ticket needs an Origin: without one, send Authorization or X-API-Key.",
        )),
    }
}

fn no_such_key() -> ApiError {
    ApiError::new(Code::InvalidApiKey, "The API key is unknown, expired or deleted.")
}

async fn verify(app: &App, token: &str) -> ApiResult<Identity> {
    let claims = app.tokens.verify(token)?;
    let alive = app.sessions.alive(app, claims.sid).await?;
    match alive.filter(|alive| alive.user == claims.sub) {
        Some(alive) => Ok(Identity { user: alive.user, role: alive.role, session: claims.sid }),
        None => Err(ApiError::new(Code::SessionRevoked, "The session has ended: log in again.")),
    }
}

async fn permit(
    app: &App,
    operation: &Operation,
    identity: &Identity,
    from: &Origin,
) -> ApiResult<()> {
    let may = match operation.grant {
        Grant::Public | Grant::Any | Grant::Session => true,
        Grant::Scope(scope) => scope.is_for(identity.role),
        Grant::Metrics => identity.role == ninja_types::Role::Admin,
    };
    if may {
        return Ok(());
    }
    let act = Act::refused(Some(identity.user), "admin.refused", from.clone())
        .with(serde_json::json!({ "operation": operation.id }));
    record(&mut *app.conn().await?, &act).await?;
    Err(ApiError::new(Code::Forbidden, "This needs an administrator."))
}

fn is_collector(app: &App, shown: &str) -> bool {
    let same = |token: &secrecy::SecretString| {
        // Hashes are compared, so that the time tells nothing about the token.
        let hash = |text: &str| crate::tokens::mac(b"compare", text.as_bytes());
        hash(token.expose_secret()) == hash(shown)
    };
    app.config.metrics.token.as_ref().is_some_and(same)
}

async fn count_user(app: &App, req: &ServiceRequest, identity: &Identity) -> ApiResult<()> {
    let count = app.config.limits.of(identity.role).requests_per_minute;
    let rate = Rate { count, per: std::time::Duration::from_mins(1) };
    let limit = limits::limit(format!("user:{}", identity.user), rate);
    let verdict = app.limits.count(app, "user", &[limit]).await?;
    req.extensions_mut().insert(Shown {
        name: "user",
        limit: verdict.limit,
        remaining: verdict.remaining,
        reset_seconds: verdict.reset_seconds,
        window_seconds: 60,
    });
    Ok(())
}

/// Strangers are counted by network. Probes are let through; login, register and refresh count for themselves.
async fn count_stranger(app: &App, req: &ServiceRequest, operation: &Operation) -> ApiResult<()> {
    if UNCOUNTED.contains(&&*operation.path)
        || operation.path.starts_with("/api/v1/auth/") && operation.grant == Grant::Public
    {
        return Ok(());
    }
    let network = network(origin::address(req, &app.config.server));
    let limit = limits::limit(format!("anonymous:{network}"), app.config.security.anonymous_rate);
    app.limits.count(app, "anonymous", &[limit]).await.map(|_verdict| ())
}

/// A route that takes no query refuses every parameter; the others check theirs in full.
fn refuse_parameters(query: &str, operation: &Operation) -> ApiResult<()> {
    if !operation.query.is_empty() || query.is_empty() {
        return Ok(());
    }
    let errors: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, _)| {
            let name: String = name.chars().take(100).collect();
            let message = "is no parameter that is known here";
            FieldError::new(format!("query:{name}"), FieldCode::UnknownField, message)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(errors)) }
}
