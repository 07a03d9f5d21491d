use actix_web::post;
use actix_web::web::Data;
use ninja_db::audit::{self, Act};
use ninja_db::users;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::NoContent;
use crate::app::App;
use crate::caller::{Caller, SessionOnly};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Valid;
use crate::limits::limit;
use crate::password::Match;
use crate::problem::Problem;

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[schema(value_type = String, format = Password, max_length = 1024)]
    current_password: SecretString,
    /// At least 12 characters, at most 1,024 bytes, any characters; none of the common ones.
    #[schema(value_type = String, format = Password)]
    new_password: SecretString,
    /// End the API keys too. This version gives out none.
    #[serde(default)]
    #[schema(default = false)]
    #[expect(dead_code, reason = "there are no keys yet that could end")]
    revoke_api_keys: bool,
}

/// Change my password
///
/// Every other session ends; this one goes on.
#[utoipa::path(operation_id = "changePassword", tag = "auth", security(("session" = [])), request_body = ChangePassword, responses(
    (status = 204, description = "The new password is the only one"),
    (status = 401, body = Problem, description = "`invalid_credentials`: the current password is wrong"),
))]
#[post("/auth/password/change")]
#[tracing::instrument(name = "api.auth.change_password", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn change(
    app: Data<App>,
    caller: Caller<SessionOnly>,
    Valid(body): Valid<ChangePassword>,
) -> ApiResult<NoContent> {
    let gone = || ApiError::new(Code::SessionRevoked, "The account was deleted.");
    let user = users::find(&mut *app.conn().await?, caller.id).await?.ok_or_else(gone)?;
    let about = [user.email.as_str(), user.username.as_deref().unwrap_or_default()];
    let errors = app.passwords.check("/new_password", body.new_password.expose_secret(), &about);
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    // A stolen access token must not be a way to guess the password.
    let rate = app.config.security.login_rate;
    app.limits.count(&app, "password", &[limit(format!("password:{}", caller.id), rate)]).await?;
    if app.passwords.verify(body.current_password, Some(user.password_hash)).await? == Match::Wrong
    {
        let act = Act::refused(Some(caller.id), "auth.password_changed", caller.from.clone());
        audit::record(&mut *app.conn().await?, &act).await?;
        return Err(ApiError::new(Code::InvalidCredentials, "The current password is wrong."));
    }
    let hash = app.passwords.hash(body.new_password).await?;
    let mut conn = app.conn().await?;
    let ended =
        users::change_password(&mut conn, caller.id, caller.session, &hash, &caller.from).await?;
    app.sessions.forget(&ended);
    Ok(NoContent)
}
