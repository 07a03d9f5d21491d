//! The document: gathered from the handlers, then completed with what every operation has in common.

use actix_web::App as Actix;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, License, OpenApi, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::gate::UNCOUNTED;
use crate::problem::{FieldCode, FieldError, Problem};
use crate::routes;

/// The OpenAPI 3.1 document of everything that this version serves.
pub fn openapi() -> OpenApi {
    let (_, mut document) = Actix::new().into_utoipa_app().configure(routes::all).split_for_parts();
    let mut info = Info::new("iTechSmart Ninja", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("Tasks in plain language, done by agents on a fleet of workers.".into());
    info.license = Some(License::new("Apache-2.0"));
    document.info = info;
    let components = document.components.get_or_insert_default();
    for (name, text) in [
        ("bearer", "The access token of a login; scopes say what its user's role must allow."),
        ("session", "The access token of a login; no API key is taken."),
        ("metrics", "The token of NINJA_METRICS__TOKEN, or the access token of an administrator."),
    ] {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text));
        components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
    }
    let text = "For browsers, which can send no other header: `ninja.v1, ticket.<ticket>`, with a ticket of POST /api/v1/ws/tickets.";
    let ticket = ApiKey::Header(ApiKeyValue::with_description("Sec-WebSocket-Protocol", text));
    components.add_security_scheme("ticket", SecurityScheme::ApiKey(ticket));
    components.schemas.insert(Problem::name().into(), Problem::schema());
    components.schemas.insert(FieldError::name().into(), FieldError::schema());
    components.schemas.insert(FieldCode::name().into(), FieldCode::schema());
    for (path, item) in &mut document.paths.paths {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        all.into_iter().flatten().for_each(|operation| complete(path, operation));
    }
    document
}

/// Names the errors that come from the way in: a handler names its own only.
fn complete(path: &str, operation: &mut Operation) {
    let has = |place: ParameterIn| {
        operation.parameters.iter().flatten().any(
            |p| matches!(p, RefOr::T(p) if serde_json::to_value(&p.parameter_in).ok() == serde_json::to_value(&place).ok()),
        )
    };
    let body = operation.request_body.is_some();
    let requirement = operation.security.as_ref().and_then(|all| all.first());
    let requirement = serde_json::to_value(requirement).unwrap_or_default().to_string();
    let public = requirement == "{}";
    let mut general: Vec<(&str, &str)> = vec![("500", "`internal`")];
    if !UNCOUNTED.contains(&path) {
        general.push(("429", "`rate_limited`"));
    }
    if path.starts_with(routes::BASE) {
        general.push(("503", "`unavailable`, `overloaded`"));
    }
    if has(ParameterIn::Path) {
        general.push(("404", "`not_found`"));
    }
    if !public {
        general.push(("401", "`unauthenticated`, `invalid_token`, `token_expired`, `session_revoked`, `invalid_api_key`"));
    }
    if requirement.contains("admin:") || requirement.contains("metrics") {
        general.push(("403", "`forbidden`"));
    }
    if body {
        general.push(("413", "`body_too_large`"));
        general.push(("415", "`unsupported_media_type`"));
    }
    general.push(("400", "`malformed_request`, `secret_in_query`, `ambiguous_credentials`, `invalid_cursor`, `invalid_idempotency_key`"));
    general.push(("422", "`validation_failed`"));
    for (status, codes) in general {
        match operation.responses.responses.get_mut(status) {
            None => {
                operation.responses.responses.insert(status.to_owned(), RefOr::T(problem(codes)));
            }
            // Readiness answers 503 with its own body.
            Some(RefOr::T(known)) if known.description.contains('`') => {
                let new = codes.split(", ").filter(|code| !known.description.contains(code));
                let new: Vec<&str> = new.collect();
                known.description = [&[known.description.as_str()], &new[..]].concat().join(", ");
            }
            Some(_) => {}
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && (status.starts_with('4') || status == "500" || status == "507")
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert("application/problem+json".to_owned(), content);
        }
    }
}

fn problem(codes: &str) -> utoipa::openapi::Response {
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    ResponseBuilder::new().description(codes).content("application/problem+json", content).build()
}
