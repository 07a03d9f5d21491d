use actix_web::post;
use actix_web::web::Data;
use ninja_db::DbError;
use ninja_db::tasks::{self, NewRetry, Retried};
use ninja_types::TaskId;
use serde::Deserialize;
use tracing::Span;
use tracing::field::display;
use utoipa::ToSchema;

use super::body::BudgetBody;
use super::create::{answer, budget, quota_exceeded, well_named};
use super::status::{Wish, wrong_status};
use super::view::TaskView;
use super::{look, slots};
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Id, Once, ValidOrDefault};
use crate::problem::{FieldCode, FieldError, Problem};

/// Where to begin, and with what.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryTask {
    /// Number of the step to begin with: completed steps before it are taken over. If absent, all completed ones are.
    #[schema(minimum = 1, maximum = 10_000)]
    from_step: Option<i32>,
    /// Limits of the new task; what is absent is as in the old one.
    #[serde(default)]
    budget: BudgetBody,
    /// `provider/model`; null: as before.
    #[schema(min_length = 1, max_length = 200)]
    model: Option<String>,
}

/// Retry a task
///
/// Makes a new task of one that failed or was cancelled. Completed steps are taken over with their results and artifacts,
/// at no cost; the rest is done anew.
#[utoipa::path(
    operation_id = "retryTask", tag = "tasks", security(("bearer" = ["tasks:write"])), request_body = RetryTask,
    params(
        ("id" = uuid::Uuid, Path, description = "The task"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters: for 24 hours the same key gives the same answer"),
    ),
    responses(
        (status = 201, body = TaskView, headers(
            ("Location" = String, description = "Path of the new task"),
            ("Idempotency-Replayed" = String, description = "`true`: an earlier request made it"),
        )),
        (status = 403, body = Problem, description = "`plan_limit`"),
        (status = 409, body = Problem, description = "`wrong_status`: neither failed nor cancelled; `idempotency_in_flight`"),
        (status = 422, body = Problem, description = "`validation_failed`, `idempotency_key_reused`"),
        (status = 429, body = Problem, description = "`quota_exceeded`"),
    ),
)]
#[post("/tasks/{id}/retry")]
#[tracing::instrument(name = "api.tasks.retry", skip_all, fields(user_id = %caller.id, source = %source, task_id))]
pub(crate) async fn retry(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(source): Id<TaskId>,
    once: Once,
    ValidOrDefault(body): ValidOrDefault<RetryTask>,
) -> ApiResult<Created> {
    let old = look(&app, &caller, source).await?;
    well_named(body.model.as_deref())?;
    let limits = app.config.limits.of(caller.role);
    let new = NewRetry {
        id: TaskId::new(),
        from_step: body.from_step,
        model: body.model,
        budget: budget(body.budget, Some(old.budget.0), limits)?,
        slots: slots(&app.config.limits),
        tasks_per_day: i32::try_from(limits.tasks_per_day).unwrap_or(i32::MAX),
    };
    let once = once.json(caller.id, answer);
    let mut conn = app.conn().await?;
    let retried = tasks::retry(&mut conn, caller.owner(), source, &new, once.as_ref()).await;
    match retried.map_err(|error| not_stored(error, &app))?.ok_or_else(ApiError::not_found)? {
        Retried::Done(made) => {
            Span::current().record("task_id", display(made.task.id));
            app.tell(&made);
            Ok(Created::now(answer(&made.task)))
        }
        Retried::Replayed(answer) => Ok(Created::replayed(answer)),
        Retried::Refused(status) => Err(wrong_status(status, Wish::Retry)),
        Retried::Unreachable(why) => {
            Err(ApiError::field("/from_step", FieldCode::UnknownReference, why))
        }
    }
}

fn not_stored(error: DbError, app: &App) -> ApiError {
    match error {
        DbError::QuotaExceeded => quota_exceeded(app),
        DbError::UnknownFiles(gone) => {
            let ids: Vec<String> = gone.iter().map(ToString::to_string).collect();
            let ids = ids.join(", ");
            let detail =
                format!("Files of this task were deleted since: {ids}. Clone it with others.");
            let error =
                FieldError::new("", FieldCode::UnknownReference, "needs files that are gone");
            ApiError::new(Code::ValidationFailed, detail).with_errors(vec![error])
        }
        other => other.into(),
    }
}
