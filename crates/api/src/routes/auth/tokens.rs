use ninja_db::audit::Origin;
use ninja_db::sessions::NewSession;
use ninja_db::users::UserRow;
use ninja_types::{SessionId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::user::UserView;
use crate::app::App;
use crate::error::ApiResult;
use crate::tokens::RefreshToken;

/// What a login gets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensView {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// For `POST /auth/refresh`, once.
    refresh_token: String,
    /// `bearer`
    token_type: &'static str,
    /// Seconds that the access token lives.
    expires_in: u64,
    /// Seconds that the refresh token lives when it is not used.
    refresh_expires_in: u64,
    user: UserView,
}

/// A session to be, with its first refresh token.
pub(super) fn new_session(
    app: &App,
    user: UserId,
    from: &Origin,
) -> ApiResult<(NewSession, RefreshToken)> {
    let token = RefreshToken::new()?;
    let auth = &app.config.auth;
    let session = NewSession {
        id: SessionId::new(),
        user,
        ip: from.ip.clone().unwrap_or_default(),
        user_agent: from.user_agent.clone().unwrap_or_default(),
        token: token.hash(),
        idle: auth.refresh_idle_seconds.duration(),
        absolute: auth.refresh_absolute_seconds.duration(),
    };
    Ok((session, token))
}

/// The answer of every way to log in.
pub(super) fn tokens(
    app: &App,
    session: SessionId,
    refresh: RefreshToken,
    user: UserRow,
) -> ApiResult<TokensView> {
    Ok(TokensView {
        access_token: app.tokens.issue(user.id, session, app.clock.now())?,
        refresh_token: refresh.expose(),
        token_type: "bearer",
        expires_in: app.tokens.access_seconds(),
        refresh_expires_in: app.config.auth.refresh_idle_seconds.duration().as_secs(),
        user: UserView::of(user)?,
    })
}
