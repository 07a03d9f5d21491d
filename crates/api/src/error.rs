use std::fmt;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CONNECTION, CONTENT_RANGE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpResponse, ResponseError};
use ninja_db::DbError;

use crate::problem::{FieldCode, FieldError, Problem};

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

/// A cause that goes to the log and never to the caller.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Defines the one table of codes: status, stable code, title, and when it is answered. `/docs/errors` is made of it.
macro_rules! codes {
    ($($status:literal $name:ident $code:literal $title:literal $when:literal)+) => {
        /// The stable code of a problem: clients decide by it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $(#[doc = $when] $name),+ }

        impl Code {
            /// Every code that exists, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Status, code, title, and when: the row of the table.
            pub const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($status, $code, $title, $when)),+ }
            }
        }
    };
}

codes! {
    400 MalformedRequest "malformed_request" "The request cannot be read" "Broken or empty JSON (with line and column), duplicate keys, broken multipart, a doubled query parameter."
    400 InvalidCursor "invalid_cursor" "The cursor cannot be used" "The cursor is unreadable or was made for other filters."
    400 SecretInQuery "secret_in_query" "Secrets do not belong into a URL" "The query names a token, key or ticket: send it in a header."
    400 AmbiguousCredentials "ambiguous_credentials" "Two identities were given" "X-API-Key came together with Authorization."
    400 InvalidIdempotencyKey "invalid_idempotency_key" "The idempotency key cannot be used" "Idempotency-Key is not 1 to 255 printable ASCII characters."
    401 Unauthenticated "unauthenticated" "No identity was given" "The route needs an identity and the request has none."
    401 InvalidToken "invalid_token" "The access token is not valid" "The token is forged, of the wrong type, audience or issuer."
    401 TokenExpired "token_expired" "The access token has expired" "The token is past its end by more than 5 seconds: refresh it."
    401 SessionRevoked "session_revoked" "The session has ended" "Logged out, or the user was disabled, deleted or given another role."
    401 InvalidApiKey "invalid_api_key" "The API key is not valid" "The key is unknown, expired or deleted."
    401 InvalidCredentials "invalid_credentials" "Login failed" "Unknown user or wrong password."
    401 InvalidRefreshToken "invalid_refresh_token" "The refresh token is not valid" "The token is unknown or expired: log in again."
    401 RefreshTokenReused "refresh_token_reused" "The refresh token was used before" "A rotated token was replayed: the whole session has ended."
    401 InvalidTicket "invalid_ticket" "The ticket is not valid" "The ticket of a socket is unknown, used or expired: ask for a new one."
    403 Forbidden "forbidden" "Not allowed" "The caller's role lacks the permission."
    403 PlanLimit "plan_limit" "A limit of the role is reached" "A limit without a reset time; the first item of errors names it."
    403 AccountDisabled "account_disabled" "The account is disabled" "The password is right, the account is disabled."
    403 RegistrationClosed "registration_closed" "Registration is closed" "auth.registration is `closed` here: ask an administrator."
    403 OriginForbidden "origin_forbidden" "Pages of this origin may not connect" "The Origin of a socket is not on the list, or is missing beside a ticket."
    404 NotFound "not_found" "No such object" "There is no such object for this caller."
    404 RouteNotFound "route_not_found" "No such path" "The path names no route."
    405 MethodNotAllowed "method_not_allowed" "The path has no such method" "The path is known; Allow lists its methods."
    409 WrongStatus "wrong_status" "Not possible in this status" "The action is not legal in the present status; detail says what to do first."
    409 EmailTaken "email_taken" "The e-mail address is in use" "Another account has this e-mail address."
    409 UsernameTaken "username_taken" "The username is in use" "Another account has this username."
    409 NameTaken "name_taken" "The name is in use" "Another object of this kind has this name."
    409 SetByConfiguration "set_by_configuration" "The object is set by the configuration" "It was not made over HTTP and cannot be changed so."
    409 NoMasterKey "no_master_key" "No secret can be stored" "No master key is set (`NINJA_SECRETS__MASTER_KEYS`), so nothing can be sealed."
    409 IdempotencyInFlight "idempotency_in_flight" "The first request is still running" "Another request with this Idempotency-Key has not ended yet."
    409 FileInUse "file_in_use" "The file is in use" "A task that has not ended names the file."
    413 BodyTooLarge "body_too_large" "The body is too large" "The body is larger than the route takes; nothing was stored."
    414 UriTooLong "uri_too_long" "The query string is too long" "The query string has more than 8,192 bytes."
    416 RangeNotSatisfiable "range_not_satisfiable" "The range lies outside of the content" "Content-Range has the size."
    415 UnsupportedMediaType "unsupported_media_type" "The content type is not taken here" "JSON routes take application/json, uploads multipart/form-data, both without a content encoding."
    415 UnsupportedFileType "unsupported_file_type" "The file type is not taken" "The extension is not in the list."
    415 FileTypeMismatch "file_type_mismatch" "Content and extension do not agree" "The content is not of the type that the name says."
    422 ValidationFailed "validation_failed" "The request is not valid" "Schema, enum, reference or plan errors; errors lists all of them, up to 100."
    422 IdempotencyKeyReused "idempotency_key_reused" "The idempotency key was used for another request" "Same Idempotency-Key, other body."
    422 NoFileStored "no_file_stored" "No file was stored" "Every part of an upload was refused; one item of errors per file."
    422 UnsafeArchive "unsafe_archive" "The archive is not safe to unpack" "Too many entries, too large or too dense when unpacked, links, or paths that lead outside."
    422 LanguageUnavailable "language_unavailable" "No worker has this language" "detail names the languages that live workers have."
    429 RateLimited "rate_limited" "Too many requests" "Retry-After says when to come back."
    429 QuotaExceeded "quota_exceeded" "The quota of the day is used up" "Retry-After is the number of seconds to 00:00 UTC."
    500 Internal "internal" "Internal error" "A bug; the log has the cause under the id of the request."
    503 Unavailable "unavailable" "Not available right now" "PostgreSQL is gone or the process is draining; Retry-After says when to come back."
    503 Overloaded "overloaded" "Too much work right now" "The connection pool or the password queue is full; Retry-After says when to come back."
    507 InsufficientStorage "insufficient_storage" "The file store is full" "Neither row nor file is left behind."
}

/// Every way in which a request fails: a row of the table, a sentence for the caller, the cause for the log.
#[derive(Clone, Debug)]
pub struct ApiError {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl ApiError {
    /// `code`, with a sentence that a person can act on. Never a secret, SQL or a path of the server.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut error =
            Self { code, detail: detail.into(), errors: vec![], headers: vec![], source: None };
        match code.row().0 {
            401 => error.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            413 => error.headers.push((CONNECTION, HeaderValue::from_static("close"))),
            503 => return error.retry_after(1 + u64::from(jitter() % 3)),
            _ => {}
        }
        error
    }

    /// 404 for an object that does not exist for this caller: the same words for another's and for nobody's.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such object.")
    }

    /// 422 with all that is wrong.
    pub fn invalid(mut errors: Vec<FieldError>) -> Self {
        errors.truncate(100);
        let detail = match errors.as_slice() {
            [] => "The request is not valid.".to_owned(),
            [only] => format!("{}.", only.sentence()),
            [first, rest @ ..] => format!("{} (and {} more).", first.sentence(), rest.len()),
        };
        Self { errors, ..Self::new(Code::ValidationFailed, detail) }
    }

    /// 422 about one field: a JSON pointer, `query:<name>`, `header:<name>` or `files[2]`.
    pub fn field(field: impl Into<String>, code: FieldCode, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, code, message)])
    }

    /// 500: our fault. The cause goes to the log, once.
    pub fn internal(source: impl Into<Source>) -> Self {
        let mut error = Self::new(Code::Internal, "This is our fault; the log has the cause.");
        error.source = Some(Arc::from(source.into()));
        error
    }

    /// The same with `errors` (for codes other than `validation_failed` that carry some).
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The same with its cause, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The same with `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 405 that names the methods which there are.
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let error = Self::new(Code::MethodNotAllowed, format!("This path answers to {allow}."));
        match HeaderValue::from_str(allow) {
            Ok(value) => error.with_header(ALLOW, value),
            Err(_) => error,
        }
    }

    /// 416 for content of `size` bytes.
    pub fn range_not_satisfiable(size: u64) -> Self {
        let error = Self::new(Code::RangeNotSatisfiable, format!("The content has {size} bytes."));
        match HeaderValue::from_str(&format!("bytes */{size}")) {
            Ok(value) => error.with_header(CONTENT_RANGE, value),
            Err(_) => error,
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        self
    }

    /// Takes over what else is wrong: several checks, one answer.
    pub(crate) fn absorb(&mut self, other: Self) {
        if self.code == Code::ValidationFailed && other.code == Code::ValidationFailed {
            let mut all = std::mem::take(&mut self.errors);
            all.extend(other.errors);
            *self = Self::invalid(all);
        }
    }

    /// Its row of the table.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The body, as the caller sees it.
    pub fn problem(&self, request_id: &str) -> Problem {
        let (status, code, title, _) = self.code.row();
        Problem {
            kind: format!("/docs/errors#{code}"),
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }

    /// The answer for the request `request_id`. A 5xx is logged here, and only here.
    pub(crate) fn response(&self, request_id: &str) -> HttpResponse {
        if self.status_code().is_server_error() {
            let cause = self.source.as_ref().map(|source| chain(&**source));
            tracing::error!(code = self.code.row().1, cause, "request failed: {}", self.detail);
        }
        let mut answer = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        answer.content_type("application/problem+json").body(self.problem(request_id).to_json())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.row().1, self.detail)
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| -> &(dyn std::error::Error + 'static) { source })
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    // The edge renders it, where the request's id is known.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        let busy = "The server is busy: try again in a moment.";
        match error {
            DbError::Unavailable(_) => {
                Self::new(Code::Unavailable, "The database is not available right now.")
                    .because(error)
            }
            DbError::Overloaded | DbError::LockTimeout | DbError::Conflict(_) => {
                Self::new(Code::Overloaded, busy).because(error)
            }
            DbError::Gone => Self::not_found(),
            DbError::KeyReused => Self::new(
                Code::IdempotencyKeyReused,
                "This Idempotency-Key was used for another request: take a new one.",
            ),
            DbError::InFlight => Self::new(
                Code::IdempotencyInFlight,
                "The first request with this Idempotency-Key has not ended yet.",
            )
            .retry_after(1),
            other => Self::internal(other),
        }
    }
}

/// An error with all of its causes, in one line for the log.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

// Spreads the clients that were all refused at the same moment.
fn jitter() -> u8 {
    uuid::Uuid::now_v7().as_bytes()[15]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_one_row() {
        let codes: HashSet<_> = Code::ALL.iter().map(|code| code.row().1).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(StatusCode::from_u16(code.row().0).is_ok_and(|s| s.as_u16() >= 400));
        }
    }
}
