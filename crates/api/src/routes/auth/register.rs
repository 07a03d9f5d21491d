use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use ninja_config::Registration;
use ninja_db::DbError;
use ninja_db::users::{self, NewUser};
use ninja_types::{Role, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::tokens::{TokensView, new_session, tokens};
use crate::app::App;
use crate::caller::Public;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Valid;
use crate::limits::{limit, network};
use crate::problem::{FieldCode, FieldError, Problem};

/// An account to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// Upper and lower case are equal.
    #[schema(max_length = 254, example = "ada@example.org")]
    email: String,
    /// At least 12 characters, at most 1,024 bytes, any characters; none of the common ones.
    #[schema(value_type = String, format = Password, example = "violet-harbor-lantern-42")]
    password: SecretString,
    #[schema(max_length = 100)]
    full_name: Option<String>,
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{2,63}$")]
    username: Option<String>,
}

/// Make an account
///
/// Opens the first session at once.
#[utoipa::path(operation_id = "register", tag = "auth", security(()), request_body = Register, responses(
    (status = 201, body = TokensView),
    (status = 403, body = Problem, description = "`registration_closed`"),
    (status = 409, body = Problem, description = "`email_taken`, `username_taken`"),
))]
#[post("/auth/register")]
#[tracing::instrument(name = "api.auth.register", skip_all)]
pub(crate) async fn register(
    app: Data<App>,
    public: Public,
    Valid(body): Valid<Register>,
) -> ApiResult<HttpResponse> {
    if app.config.auth.registration == Registration::Closed {
        return Err(ApiError::new(
            Code::RegistrationClosed,
            "Ask an administrator for an account.",
        ));
    }
    check(&app, &body)?;
    let network = network(public.from.ip.as_deref().and_then(|ip| ip.parse().ok()));
    let rate = app.config.security.register_rate;
    app.limits.count(&app, "register", &[limit(format!("register:{network}"), rate)]).await?;
    let new = NewUser {
        id: UserId::new(),
        email: body.email.to_lowercase(),
        username: body.username,
        full_name: body.full_name,
        role: Role::User,
        password_hash: app.passwords.hash(body.password).await?,
    };
    let (session, refresh) = new_session(&app, new.id, &public.from)?;
    let user = users::register(&mut *app.conn().await?, &new, &session, &public.from).await;
    let user = user.map_err(taken)?;
    Ok(HttpResponse::Created()
        .insert_header(("Location", "/api/v1/auth/me"))
        .json(tokens(&app, session.id, refresh, user)?))
}

fn check(app: &App, body: &Register) -> ApiResult<()> {
    let mut errors = Vec::new();
    if !is_address(&body.email) {
        let message = "must be an e-mail address";
        errors.push(FieldError::new("/email", FieldCode::Format, message));
    }
    let about = [body.email.as_str(), body.username.as_deref().unwrap_or_default()];
    errors.extend(app.passwords.check("/password", body.password.expose_secret(), &about));
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(errors)) }
}

// Only the shape: whether it exists would be shown by a mail alone, and none is sent.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !host.is_empty() && local.chars().all(plain) && host.chars().all(plain)
    }) && text.to_lowercase().len() <= 254
}

pub(super) fn taken(error: DbError) -> ApiError {
    match error {
        DbError::Unique { constraint } if constraint == "users_email" => {
            ApiError::new(Code::EmailTaken, "Log in, or use another e-mail address.")
        }
        DbError::Unique { .. } => ApiError::new(Code::UsernameTaken, "Choose another username."),
        other => other.into(),
    }
}
