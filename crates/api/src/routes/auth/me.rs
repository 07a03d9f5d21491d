use actix_web::get;
use actix_web::web::Data;
use ninja_config::PlanLimits;
use ninja_db::users;
use ninja_types::{Scope, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::user::UserView;
use crate::answer::Found;
use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::{ApiError, ApiResult, Code};

/// The caller: who it is, what it may, what it used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeView {
    #[serde(flatten)]
    user: UserView,
    limits: LimitsView,
    usage_today: UsedTodayView,
    /// What this identity may do.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
}

/// What a user of the role may use at once and in a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LimitsView {
    concurrent_steps: u32,
    tasks_per_day: u32,
    storage_bytes: u64,
    file_bytes: u64,
    requests_per_minute: u32,
    sockets: u32,
    high_priority: bool,
    #[schema(value_type = String)]
    max_cost_usd: Usd,
    #[schema(value_type = String)]
    default_cost_usd: Usd,
    /// What models may cost in a day (UTC).
    #[schema(value_type = String)]
    day_cost_usd: Usd,
}

/// What was used since 00:00 UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsedTodayView {
    tasks: i32,
    #[schema(value_type = String)]
    cost_usd: Usd,
    storage_bytes: i64,
}

/// Tell who I am
#[utoipa::path(operation_id = "getMe", tag = "auth", security(("bearer" = [])), responses((status = 200, body = MeView)))]
#[get("/auth/me")]
#[tracing::instrument(name = "api.auth.me", skip_all)]
pub(crate) async fn me(app: Data<App>, caller: Caller<AnyIdentity>) -> ApiResult<Found<MeView>> {
    let mut conn = app.conn().await?;
    let gone = || ApiError::new(Code::SessionRevoked, "The account was deleted.");
    let user = users::find(&mut conn, caller.id).await?.ok_or_else(gone)?;
    let taken = users::used_today(&mut conn, caller.id).await?;
    let scopes = Scope::ALL.iter().copied().filter(|scope| scope.is_for(caller.role)).collect();
    Ok(Found(MeView {
        user: UserView::of(user)?,
        limits: LimitsView::from(app.config.limits.of(caller.role)),
        usage_today: UsedTodayView {
            tasks: taken.tasks,
            cost_usd: taken.cost,
            storage_bytes: taken.storage_bytes,
        },
        scopes,
    }))
}

impl From<&PlanLimits> for LimitsView {
    fn from(limits: &PlanLimits) -> Self {
        Self {
            concurrent_steps: limits.concurrent_steps,
            tasks_per_day: limits.tasks_per_day,
            storage_bytes: limits.storage_bytes,
            file_bytes: limits.file_bytes,
            requests_per_minute: limits.requests_per_minute,
            sockets: limits.sockets,
            high_priority: limits.high_priority,
            max_cost_usd: limits.max_cost_usd,
            default_cost_usd: limits.default_cost_usd,
            day_cost_usd: limits.day_cost_usd,
        }
    }
}
