use actix_web::get;
use actix_web::web::Data;
use ninja_db::explain::{self, Explained, Reason};
use ninja_types::{StepId, TaskId, TaskStatus, Time};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{slots, witness};
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// Where a task stands and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExplainView {
    #[schema(value_type = String)]
    status: TaskStatus,
    /// Of its last change.
    #[schema(value_type = DateTime<Utc>)]
    since: Time,
    /// It goes on by itself.
    moving: bool,
    /// First what needs a person; empty only when the task has ended.
    reasons: Vec<ReasonView>,
}

/// One thing that a task waits for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// `queued`, `user_limit`, `no_worker`, `retry_at`, `needs_answer`, `paused`, `running`, `taking_over`, `cancelling`,
    /// `blocked_by` or `degraded`.
    code: String,
    /// Null: it concerns the whole task.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    step_id: Option<StepId>,
    #[schema(value_type = DateTime<Utc>)]
    since: Time,
    /// A sentence.
    detail: String,
    /// The figures in it.
    #[schema(value_type = Object)]
    data: Value,
    /// The request that would help: `method`, `path`, `who`; null where none does.
    #[schema(value_type = Option<Object>, required)]
    unblock: Option<Value>,
}

/// Explain a task
///
/// What it waits for, from the database alone. An open task always has a reason.
#[utoipa::path(
    operation_id = "explainTask", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses((status = 200, body = ExplainView)),
)]
#[get("/tasks/{id}/explain")]
#[tracing::instrument(name = "api.tasks.explain", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn read(
    app: Data<App>,
    caller: Caller<TasksRead>,
    Id(task): Id<TaskId>,
) -> ApiResult<Found<ExplainView>> {
    let slots = slots(&app.config.limits);
    let found = explain::explain(&mut *app.conn().await?, caller.owner(), task, &slots).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    witness(&app, &caller, task).await?;
    Ok(Found(view(found)))
}

fn view(Explained { status, since, moving, reasons }: Explained) -> ExplainView {
    let reasons = reasons.into_iter().map(ReasonView::from).collect();
    ExplainView { status, since: Time(since), moving, reasons }
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        Self {
            code: reason.code.as_str().to_owned(),
            step_id: reason.step_id,
            since: Time(reason.since),
            detail: reason.detail,
            data: reason.data,
            unblock: None,
        }
    }
}
