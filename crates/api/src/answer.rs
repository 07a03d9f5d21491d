//! What handlers answer beside plain JSON.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use ninja_db::idempotency::Answer;
use serde::Serialize;
use utoipa::ToSchema;

/// The envelope of every list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows, newest first unless the route says otherwise.
    pub(crate) data: Vec<T>,
    /// For `cursor` of the next page; null on the last.
    pub(crate) next_cursor: Option<String>,
    /// Whether there is a next page.
    pub(crate) has_more: bool,
}

impl<T> List<T> {
    /// All rows at once, for lists that have no pages.
    pub(crate) fn full(data: Vec<T>) -> Self {
        Self { data, next_cursor: None, has_more: false }
    }
}

impl<T: Serialize> Responder for List<T> {
    type Body = BoxBody;

    fn respond_to(self, _req: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self)
    }
}

/// One object, 200.
pub(crate) struct Found<T>(pub T);

impl<T: Serialize> Responder for Found<T> {
    type Body = BoxBody;

    fn respond_to(self, _req: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

/// The change is under way, 202, with the object as it stands now.
pub(crate) struct Accepted<T>(pub T);

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, _req: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted().json(self.0)
    }
}

/// It is gone, or there is nothing to say: 204.
pub(crate) struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _req: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// A stored answer: made now (201 with `Location` and the whole object), or long ago by a request with the same
/// `Idempotency-Key`, which `Idempotency-Replayed` tells.
pub(crate) struct Created {
    answer: Answer,
    replayed: bool,
}

impl Created {
    /// What a create function's answer is rendered by: the same for the first time and for replays.
    pub(crate) fn answer(location: String, object: &impl Serialize) -> Answer {
        // Views hold strings, numbers and lists: they always are JSON.
        let body = serde_json::to_value(object).unwrap_or_default();
        Answer { status: StatusCode::CREATED.as_u16(), location: Some(location), body }
    }

    /// The same for a keyed action that makes no object of its own: 200 when it is done, 202 while it is under way.
    pub(crate) fn acted(status: StatusCode, object: &impl Serialize) -> Answer {
        let body = serde_json::to_value(object).unwrap_or_default();
        Answer { status: status.as_u16(), location: None, body }
    }

    /// It was made now.
    pub(crate) fn now(answer: Answer) -> Self {
        Self { answer, replayed: false }
    }

    /// The id of what was made now; nothing if it had been made before.
    pub(crate) fn id<T: From<uuid::Uuid>>(&self) -> Option<T> {
        let id = self.answer.body["id"].as_str().filter(|_| !self.replayed)?;
        id.parse::<uuid::Uuid>().ok().map(T::from)
    }

    /// It had been made before.
    pub(crate) fn replayed(answer: Answer) -> Self {
        Self { answer, replayed: true }
    }
}

impl Responder for Created {
    type Body = BoxBody;

    fn respond_to(self, _req: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::CREATED);
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, "application/json"));
        if let Some(location) = self.answer.location {
            response.insert_header((LOCATION, location));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        response.body(self.answer.body.to_string())
    }
}
