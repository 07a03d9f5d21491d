use actix_web::patch;
use actix_web::web::Data;
use ninja_db::users::{self, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

use super::register::taken;
use super::user::UserView;
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, SessionOnly};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Valid, given};
use crate::problem::{FieldCode, Problem};

/// What changes of me. Left out: stays; null: removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
pub(crate) struct ChangeMe {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    full_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9][a-z0-9._-]{2,63}$")]
    username: Option<Option<String>>,
    /// `provider/model`, asked first. This version speaks to no model: only null.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    default_model: Option<Option<String>>,
}

/// Change my profile
#[utoipa::path(operation_id = "changeMe", tag = "auth", security(("session" = [])), request_body = ChangeMe, responses(
    (status = 200, body = UserView),
    (status = 409, body = Problem, description = "`username_taken`"),
))]
#[patch("/auth/me")]
#[tracing::instrument(name = "api.auth.change_me", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn change_me(
    app: Data<App>,
    caller: Caller<SessionOnly>,
    Valid(body): Valid<ChangeMe>,
) -> ApiResult<Found<UserView>> {
    if matches!(body.default_model, Some(Some(_))) {
        let message = "cannot be asked in this version; available: null";
        return Err(ApiError::field("/default_model", FieldCode::NotAvailable, message));
    }
    let profile = Profile {
        full_name: body.full_name,
        username: body.username,
        default_model: body.default_model,
    };
    let changed = users::change_profile(&mut *app.conn().await?, caller.id, &profile).await;
    Ok(Found(UserView::of(changed.map_err(taken)?)?))
}
