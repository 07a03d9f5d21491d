use actix_web::dev::Payload;
use actix_web::post;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use ninja_config::Rate;
use ninja_db::audit::{self, Act, Origin};
use ninja_db::users::{self, UserRow};
use ninja_queue::Limit;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::tokens::{TokensView, new_session, tokens};
use crate::answer::Found;
use crate::app::App;
use crate::caller::Public;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Valid, form};
use crate::limits::{limit, network};
use crate::password::Match;
use crate::problem::{FieldCode, Problem};

/// Who logs in: `username` (which may hold an e-mail address) or `email`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    #[schema(min_length = 1, max_length = 254)]
    username: Option<String>,
    #[schema(min_length = 1, max_length = 254, example = "ada@example.org")]
    email: Option<String>,
    #[schema(value_type = String, format = Password, max_length = 1024, example = "violet-harbor-lantern-42")]
    password: SecretString,
    /// Only `password`, for clients that speak OAuth 2.
    #[schema(pattern = "^password$")]
    #[expect(dead_code, reason = "checked by the schema, then of no interest")]
    grant_type: Option<String>,
}

/// A [`Login`] as JSON or as a form.
pub(crate) struct JsonOrForm(Login);

/// Log in
///
/// An unknown account and a wrong password are answered alike, and take as long.
#[utoipa::path(operation_id = "login", tag = "auth", security(()), request_body(content(
    (Login = "application/json"), (Login = "application/x-www-form-urlencoded")
)), responses(
    (status = 200, body = TokensView),
    (status = 401, body = Problem, description = "`invalid_credentials`"),
    (status = 403, body = Problem, description = "`account_disabled`"),
))]
#[post("/auth/login")]
#[tracing::instrument(name = "api.auth.login", skip_all)]
pub(crate) async fn login(
    app: Data<App>,
    public: Public,
    JsonOrForm(body): JsonOrForm,
) -> ApiResult<Found<TokensView>> {
    let name = match (body.username, body.email) {
        (Some(name), None) | (None, Some(name)) => name.to_lowercase(),
        _ => {
            let message = "must be given, or email; not both";
            return Err(ApiError::field("/username", FieldCode::Required, message));
        }
    };
    let user = find(&app, &name).await?;
    count(&app, &name, user.as_ref(), &public.from).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let newer = match (app.passwords.verify(body.password, stored).await?, &user) {
        (Match::Right, Some(_)) => None,
        (Match::RightAnd(newer), Some(_)) => Some(newer),
        _ => return Err(refuse(&app, user.as_ref(), &public.from, Code::InvalidCredentials).await?),
    };
    let Some(user) = user.filter(|user| user.is_active) else {
        return Err(refuse(&app, None, &public.from, Code::AccountDisabled).await?);
    };
    let (session, refresh) = new_session(&app, user.id, &public.from)?;
    let mut conn = app.conn().await?;
    let user = users::log_in(&mut conn, &session, newer.as_deref(), &public.from).await?;
    metrics::counter!("ninja_logins_total", "outcome" => "ok").increment(1);
    Ok(Found(tokens(&app, session.id, refresh, user)?))
}

async fn find(app: &App, name: &str) -> ApiResult<Option<UserRow>> {
    // PostgreSQL takes no NUL; no account has one in its name.
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(users::find_login(&mut *app.conn().await?, name).await?)
}

/// Refuses who tries too often, before any password is hashed. An address that logged in to this account before is
/// exempt from the limit of the whole account: strangers cannot lock its owner out.
async fn count(app: &App, name: &str, user: Option<&UserRow>, from: &Origin) -> ApiResult<()> {
    let address = from.ip.clone().unwrap_or_default();
    let network = network(address.parse().ok());
    // Redis gets no names of people.
    let account = URL_SAFE_NO_PAD.encode(&Sha256::digest(name)[..12]);
    let rates = &app.config.security;
    let key = |what: &str, rate: Rate| limit(format!("login:{what}"), rate);
    let mut limits: Vec<Limit> = vec![
        key(&format!("{account}:{network}"), rates.login_rate),
        key(&network, rates.login_network_rate),
    ];
    let known = match user {
        Some(user) => users::knows_address(&mut *app.conn().await?, user.id, &address).await?,
        None => false,
    };
    if !known {
        limits.push(key(&account, rates.login_account_rate));
    }
    app.limits.count(app, "login", &limits).await.map(|_verdict| ())
}

/// Leaves the audit row of a login that failed, and answers what to say.
async fn refuse(
    app: &App,
    user: Option<&UserRow>,
    from: &Origin,
    code: Code,
) -> ApiResult<ApiError> {
    let word = code.row().1;
    let act = Act::refused(user.map(|user| user.id), "auth.login", from.clone())
        .with(json!({ "code": word }));
    audit::record(&mut *app.conn().await?, &act).await?;
    metrics::counter!("ninja_logins_total", "outcome" => word).increment(1);
    let detail = match code {
        Code::AccountDisabled => "The account is disabled: ask an administrator.",
        _ => "The account or the password is wrong.",
    };
    Ok(ApiError::new(code, detail))
}

impl FromRequest for JsonOrForm {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !form::is_form(req) {
            return Valid::from_request(req, payload)
                .map(|read| read.map(|Valid(body)| Self(body)))
                .boxed_local();
        }
        let (req, payload) = (req.clone(), payload.take());
        async move {
            let fields: Map<String, Value> =
                form::read(&req, payload).await?.into_iter().map(|(k, v)| (k, v.into())).collect();
            form::check(Value::Object(fields)).map(Self)
        }
        .boxed_local()
    }
}
