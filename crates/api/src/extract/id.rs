use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use ninja_types::{ArtifactId, FileId, ProviderId, SessionId, StepId, TaskId, TemplateId, UserId};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

/// The ids of a path: `{id}`, or with a pair `{id}` and `{step_id}`. A malformed one is as unknown as a free one: 404.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Id<T>(pub T);

/// What [`Id`] can read.
pub(crate) trait PathId: Sized {
    /// From the path of `req`.
    fn read(req: &HttpRequest) -> Option<Self>;
}

impl<T: PathId> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(T::read(req).map(Self).ok_or_else(ApiError::not_found))
    }
}

fn uuid(req: &HttpRequest, name: &str) -> Option<Uuid> {
    // Hyphenated only: `urn:uuid:` and braces would be second names of the same object.
    let text = req.match_info().get(name).filter(|text| text.len() == 36)?;
    text.parse().ok()
}

macro_rules! ids {
    ($($name:ident)+) => { $(
        impl PathId for $name {
            fn read(req: &HttpRequest) -> Option<Self> {
                uuid(req, "id").map(Self)
            }
        }
    )+ };
}

ids! { TaskId FileId ArtifactId TemplateId SessionId UserId ProviderId }

impl PathId for (TaskId, StepId) {
    fn read(req: &HttpRequest) -> Option<Self> {
        Some((TaskId(uuid(req, "id")?), StepId(uuid(req, "step_id")?)))
    }
}
