use actix_web::web::Data;
use actix_web::{delete, get};
use ninja_db::sessions::{self, SessionRow};
use ninja_types::{SessionId, Time};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::{List, NoContent};
use crate::app::App;
use crate::caller::{Caller, SessionOnly};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    id: Uuid,
    /// The address that opened it.
    ip: String,
    user_agent: String,
    /// The one that asks.
    current: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When its tokens were last renewed.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Time,
    /// When it ends unless its tokens are renewed before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
}

/// List my sessions
///
/// Those that live, the last used first.
#[utoipa::path(operation_id = "listSessions", tag = "auth", security(("session" = [])), responses(
    (status = 200, body = List<SessionView>),
))]
#[get("/auth/sessions")]
#[tracing::instrument(name = "api.auth.sessions", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn list(
    app: Data<App>,
    caller: Caller<SessionOnly>,
) -> ApiResult<List<SessionView>> {
    let rows = sessions::list(&mut *app.conn().await?, caller.id).await?;
    Ok(List::full(rows.into_iter().map(|row| view(row, caller.session)).collect()))
}

/// End a session
///
/// Its access and refresh tokens end with it, wherever it was opened.
#[utoipa::path(operation_id = "deleteSession", tag = "auth", security(("session" = [])),
    params(("id" = Uuid, Path, description = "The session's id.")), responses(
    (status = 204, description = "The session has ended"),
))]
#[delete("/auth/sessions/{id}")]
#[tracing::instrument(name = "api.auth.end_session", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller<SessionOnly>,
    Id(id): Id<SessionId>,
) -> ApiResult<NoContent> {
    let mut conn = app.conn().await?;
    if !sessions::revoke(&mut conn, caller.id, id, &caller.from).await? {
        return Err(ApiError::not_found());
    }
    app.sessions.forget(&[id]);
    Ok(NoContent)
}

fn view(row: SessionRow, current: SessionId) -> SessionView {
    SessionView {
        id: row.id.0,
        current: row.id == current,
        ip: row.ip,
        user_agent: row.user_agent,
        created_at: row.created_at.into(),
        last_used_at: row.last_used_at.into(),
        expires_at: row.expires_at.into(),
    }
}
