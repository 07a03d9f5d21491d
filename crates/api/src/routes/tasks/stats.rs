use actix_web::get;
use actix_web::web::Data;
use chrono::TimeDelta;
use ninja_db::Owner;
use ninja_db::tasks::{self, Summary};
use ninja_types::Usd;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Object;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::ApiResult;
use crate::extract::ValidQuery;

/// Which tasks to count.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Within {
    /// Those created within this time.
    #[serde(default)]
    #[param(schema_with = windows, required = false)]
    window: Window,
}

/// A span of time that ends now.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
enum Window {
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
    #[default]
    #[serde(rename = "all")]
    All,
}

fn windows() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["24h", "7d", "30d", "all"]))
        .default(Some("all".into()))
        .build()
}

/// Tasks counted by where they stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsView {
    total_tasks: i64,
    completed_tasks: i64,
    failed_tasks: i64,
    cancelled_tasks: i64,
    /// Those being cancelled included.
    running_tasks: i64,
    pending_tasks: i64,
    waiting_tasks: i64,
    paused_tasks: i64,
    /// Completed of completed and failed, in per cent with one decimal; null while there are none.
    #[schema(required)]
    success_rate: Option<f64>,
    /// Half of the completed tasks took at most so long from creation to end.
    #[schema(required)]
    p50_seconds: Option<f64>,
    /// 95 of 100 completed tasks took at most so long.
    #[schema(required)]
    p95_seconds: Option<f64>,
    /// US dollars with six decimals.
    #[schema(value_type = String)]
    cost_usd: Usd,
}

/// Count tasks
#[utoipa::path(
    operation_id = "getTaskStats", tag = "tasks", security(("bearer" = ["tasks:read"])), params(Within),
    responses((status = 200, body = StatsView)),
)]
#[get("/tasks/stats/summary")]
#[tracing::instrument(name = "api.tasks.stats", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn stats(
    app: Data<App>,
    caller: Caller<TasksRead>,
    ValidQuery(query): ValidQuery<Within>,
) -> ApiResult<Found<StatsView>> {
    let window = match query.window {
        Window::Day => Some(TimeDelta::days(1)),
        Window::Week => Some(TimeDelta::days(7)),
        Window::Month => Some(TimeDelta::days(30)),
        Window::All => None,
    };
    let summary = tasks::summary(&mut *app.conn().await?, Owner::User(caller.id), window).await?;
    Ok(Found(summary.into()))
}

impl From<Summary> for StatsView {
    fn from(all: Summary) -> Self {
        Self {
            total_tasks: all.total,
            completed_tasks: all.completed,
            failed_tasks: all.failed,
            cancelled_tasks: all.cancelled,
            running_tasks: all.running,
            pending_tasks: all.pending,
            waiting_tasks: all.waiting,
            paused_tasks: all.paused,
            success_rate: rate(all.completed, all.failed),
            p50_seconds: all.p50_seconds,
            p95_seconds: all.p95_seconds,
            cost_usd: Usd::from_micros(all.cost_micros),
        }
    }
}

/// In whole tenths of a per cent, rounded half up: exact, as floating-point numbers would not be.
fn rate(completed: i64, failed: i64) -> Option<f64> {
    let ended = completed + failed;
    let tenths = (2000 * completed + ended).checked_div(2 * ended)?;
    i32::try_from(tenths).ok().map(|tenths| f64::from(tenths) / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_what_succeeded_or_failed() {
        assert_eq!(rate(0, 0), None);
        assert_eq!(rate(1, 2), Some(33.3));
        assert_eq!(rate(2, 1), Some(66.7));
        assert_eq!(rate(7, 0), Some(100.0));
    }
}
