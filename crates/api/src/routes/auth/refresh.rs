use actix_web::post;
use actix_web::web::Data;
use ninja_db::sessions::{self, Rotated, Rotation};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use utoipa::ToSchema;

use super::tokens::{TokensView, tokens};
use crate::answer::Found;
use crate::app::App;
use crate::caller::Public;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Valid;
use crate::limits::limit;
use crate::problem::Problem;
use crate::tokens::RefreshToken;

/// An answer that got lost may be asked for again in this time.
const GRACE: Duration = Duration::from_secs(10);

/// The refresh token of a login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 512)]
    refresh_token: SecretString,
}

/// Renew the tokens of a login
///
/// The refresh token is replaced by the one in the answer. To use it a second time ends the session: one of the two who
/// hold it is not its owner. Within 10 seconds the same answer is given again, in case it got lost.
#[utoipa::path(operation_id = "refresh", tag = "auth", security(()), request_body = Refresh, responses(
    (status = 200, body = TokensView),
    (status = 401, body = Problem, description = "`invalid_refresh_token`, `refresh_token_reused`, `session_revoked`"),
))]
#[post("/auth/refresh")]
#[tracing::instrument(name = "api.auth.refresh", skip_all)]
pub(crate) async fn refresh(
    app: Data<App>,
    public: Public,
    Valid(body): Valid<Refresh>,
) -> ApiResult<Found<TokensView>> {
    let shown = RefreshToken::given(body.refresh_token.expose_secret().to_owned());
    let successor = app.tokens.successor(&shown);
    let auth = &app.config.auth;
    let rotation = Rotation {
        shown: shown.hash(),
        successor: successor.hash(),
        idle: auth.refresh_idle_seconds.duration(),
        grace: GRACE,
    };
    count(&app, &rotation, public.from.ip.as_deref()).await?;
    match sessions::rotate(&mut *app.conn().await?, &rotation, &public.from).await? {
        Rotated::Renewed(session, user) => Ok(Found(tokens(&app, session, successor, *user)?)),
        Rotated::Unknown => Err(ApiError::new(
            Code::InvalidRefreshToken,
            "The refresh token is unknown or expired: log in again.",
        )),
        Rotated::Ended => {
            Err(ApiError::new(Code::SessionRevoked, "The session has ended: log in again."))
        }
        Rotated::Reused(session) => {
            app.sessions.forget(&[session]);
            tracing::warn!(session_id = %session, "a refresh token was replayed: its session has ended");
            let detail =
                "The refresh token was used before, so the session has ended: log in again.";
            Err(ApiError::new(Code::RefreshTokenReused, detail))
        }
    }
}

/// Counts by session; who shows no token of ours is counted by network.
async fn count(app: &App, rotation: &Rotation, ip: Option<&str>) -> ApiResult<()> {
    let session = sessions::of_token(&mut *app.conn().await?, &rotation.shown).await?;
    let key = match session {
        Some(session) => format!("refresh:{session}"),
        None => format!("refresh:{}", crate::limits::network(ip.and_then(|ip| ip.parse().ok()))),
    };
    let limits = [limit(key, app.config.security.refresh_rate)];
    app.limits.count(app, "refresh", &limits).await.map(|_verdict| ())
}
