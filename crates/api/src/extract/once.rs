use std::cell::OnceCell;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use ninja_db::idempotency::{self, Answer};
use ninja_types::UserId;

use super::valid::slot;
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};

/// The request's `Idempotency-Key`, if it has one. A handler that takes it hands [`Once::json`] to its create function,
/// which writes the answer in the transaction of the change.
pub(crate) struct Once {
    given: Option<Given>,
    body: Rc<OnceCell<[u8; 32]>>,
}

struct Given {
    method: String,
    path: String,
    key: String,
    keep: Duration,
}

impl FromRequest for Once {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(given(req).map(|given| Self { given, body: slot(req) }))
    }
}

impl Once {
    /// For a request with a JSON body. `answer` renders what is stored for the next time.
    pub(crate) fn json<T>(
        self,
        user: UserId,
        answer: fn(&T) -> Answer,
    ) -> Option<idempotency::Once<T>> {
        let fingerprint = self.body.get().copied().unwrap_or_default(); // no body: all such requests are equal
        self.of(user, fingerprint, answer)
    }

    /// For a request with another body, of which `fingerprint` is made.
    pub(crate) fn of<T>(
        self,
        user: UserId,
        fingerprint: [u8; 32],
        answer: fn(&T) -> Answer,
    ) -> Option<idempotency::Once<T>> {
        let Given { method, path, key, keep } = self.given?;
        Some(idempotency::Once { user, method, path, key, fingerprint, keep, answer })
    }
}

fn given(req: &HttpRequest) -> ApiResult<Option<Given>> {
    let mut keys = req.headers().get_all("Idempotency-Key");
    let Some(key) = keys.next() else { return Ok(None) };
    let good = key.to_str().ok().filter(|key| {
        (1..=255).contains(&key.len()) && key.bytes().all(|b| (b' '..=b'~').contains(&b))
    });
    match (good, keys.next()) {
        (Some(key), None) => Ok(Some(Given {
            method: req.method().to_string(),
            path: req.path().to_owned(),
            key: key.to_owned(),
            keep: req.app_data::<Data<App>>().map_or(Duration::from_hours(24), |app| {
                Duration::from_hours(app.config.server.idempotency_hours.into())
            }),
        })),
        _ => Err(ApiError::new(
            Code::InvalidIdempotencyKey,
            "Idempotency-Key is given once, with 1 to 255 printable ASCII characters.",
        )),
    }
}
