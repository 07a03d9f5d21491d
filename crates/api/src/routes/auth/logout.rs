use actix_web::post;
use actix_web::web::Data;
use ninja_db::sessions;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::NoContent;
use crate::app::App;
use crate::caller::{Caller, SessionOnly};
use crate::error::ApiResult;
use crate::extract::ValidOrDefault;

/// What ends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Logout {
    /// Every session of the user, not only this one.
    #[schema(default = false)]
    all_sessions: bool,
}

/// Log out
///
/// The session ends with its access and refresh tokens; the body may be left out.
#[utoipa::path(operation_id = "logout", tag = "auth", security(("session" = [])), request_body = Option<Logout>, responses(
    (status = 204, description = "The session has ended"),
))]
#[post("/auth/logout")]
#[tracing::instrument(name = "api.auth.logout", skip_all)]
pub(crate) async fn logout(
    app: Data<App>,
    caller: Caller<SessionOnly>,
    ValidOrDefault(body): ValidOrDefault<Logout>,
) -> ApiResult<NoContent> {
    let only = (!body.all_sessions).then_some(caller.session);
    let ended = sessions::log_out(&mut *app.conn().await?, caller.id, only, &caller.from).await?;
    app.sessions.forget(&ended);
    Ok(NoContent)
}
