use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use ninja_db::Owner;
use ninja_db::audit::{Act, Origin};
use ninja_types::{Role, Scope, SessionId, UserId};

use crate::error::{ApiError, ApiResult};
use crate::registry::Grant;

/// A permission as a type, so that it stands in the signature of every handler.
pub(crate) trait Permission: 'static {
    /// What the caller must be.
    const GRANT: Grant;
}

macro_rules! permissions {
    ($($(#[$doc:meta])+ $name:ident = $grant:expr;)+) => { $(
        $(#[$doc])+
        #[derive(Debug)]
        pub(crate) struct $name;
        impl Permission for $name {
            const GRANT: Grant = $grant;
        }
    )+ };
}

permissions! {
    /// Anybody who is signed in.
    AnyIdentity = Grant::Any;
    /// A login, no API key.
    SessionOnly = Grant::Session;
    /// `tasks:read`
    TasksRead = Grant::Scope(Scope::TasksRead);
    /// `tasks:write`
    TasksWrite = Grant::Scope(Scope::TasksWrite);
    /// `files:read`
    FilesRead = Grant::Scope(Scope::FilesRead);
    /// `files:write`
    FilesWrite = Grant::Scope(Scope::FilesWrite);
    /// `admin:read`
    AdminRead = Grant::Scope(Scope::AdminRead);
    /// `admin:write`
    AdminWrite = Grant::Scope(Scope::AdminWrite);
}

/// Who asks, with the permission `P`. The gate has checked it before the handler runs and before its body is read.
#[derive(Debug)]
pub(crate) struct Caller<P> {
    /// The user.
    pub(crate) id: UserId,
    /// Their role now.
    pub(crate) role: Role,
    /// The login that the request belongs to.
    pub(crate) session: SessionId,
    /// Where the request came from.
    pub(crate) from: Origin,
    permission: PhantomData<P>,
}

/// The extractor of routes that anybody may call.
#[derive(Debug)]
pub(crate) struct Public {
    /// Where the request came from.
    pub(crate) from: Origin,
}

/// The extractor of `/metrics`: let in, but perhaps nobody in particular.
#[derive(Debug)]
pub(crate) struct Collector;

/// What the gate found out about a request that it let in.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) grant: Grant,
    pub(crate) identity: Option<Identity>,
    pub(crate) from: Origin,
}

/// Whom a request stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) session: SessionId,
}

/// The route's description names another permission than its handler.
#[derive(Debug, thiserror::Error)]
#[error("the handler asks for {asked:?}, its description for {described:?}")]
struct Disagreement {
    asked: Grant,
    described: Option<Grant>,
}

impl<P> Caller<P> {
    /// Whose rows the caller reaches: its own; as an administrator everybody's, which [`App::witness`] writes down.
    ///
    /// [`App::witness`]: crate::App::witness
    pub(crate) fn owner(&self) -> Owner {
        if self.role == Role::Admin { Owner::Anyone } else { Owner::User(self.id) }
    }

    /// The audit row of something that the caller does.
    pub(crate) fn act(&self, action: &'static str) -> Act {
        Act::done(self.id, action, self.from.clone())
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(admitted(req, P::GRANT).and_then(|admitted| {
            let identity = admitted.identity.ok_or_else(|| disagreement(P::GRANT, None))?;
            let Identity { user: id, role, session } = identity;
            Ok(Self { id, role, session, from: admitted.from, permission: PhantomData })
        }))
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(admitted(req, Grant::Public).map(|admitted| Self { from: admitted.from }))
    }
}

impl FromRequest for Collector {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(req: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(admitted(req, Grant::Metrics).map(|_admitted| Self))
    }
}

fn admitted(req: &HttpRequest, asked: Grant) -> ApiResult<Admitted> {
    let admitted = req.extensions().get::<Admitted>().cloned();
    match admitted {
        Some(admitted) if admitted.grant == asked => Ok(admitted),
        other => Err(disagreement(asked, other.map(|admitted| admitted.grant))),
    }
}

fn disagreement(asked: Grant, described: Option<Grant>) -> ApiError {
    ApiError::internal(Disagreement { asked, described })
}
