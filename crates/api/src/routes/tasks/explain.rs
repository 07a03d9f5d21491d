use actix_web::get;
use actix_web::web::Data;
use ninja_db::explain::{self, Explained, Reason, ReasonCode};
use ninja_types::{StepId, TaskId, TaskStatus, Time};
use serde::Serialize;
use serde_json::{Value, json};
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
    /// `queued`, `user_limit`, `no_worker`, `retry_at`, `needs_budget`, `paused`, `running`, `taking_over`, `cancelling`,
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
    /// The request that would help; null where none does.
    #[schema(required)]
    unblock: Option<UnblockView>,
}

/// A request that would help a task on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnblockView {
    /// `POST`
    method: &'static str,
    path: String,
    /// Who may send it: `owner`.
    who: &'static str,
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
    let mut view = view(found, task);
    if view.moving && !app.health.look(&app).await.redis {
        view.reasons.push(degraded(&app));
    }
    Ok(Found(view))
}

fn view(Explained { status, since, moving, reasons }: Explained, task: TaskId) -> ExplainView {
    let reasons = reasons.into_iter().map(|reason| of(reason, task)).collect();
    ExplainView { status, since: Time(since), moving, reasons }
}

fn of(reason: Reason, task: TaskId) -> ReasonView {
    ReasonView {
        code: reason.code.as_str().to_owned(),
        step_id: reason.step_id,
        since: Time(reason.since),
        detail: reason.detail,
        data: reason.data,
        unblock: unblock(reason.code, task),
    }
}

/// What the owner of the task can do about it. Workers that are missing are the operator's, and no request brings them.
fn unblock(code: ReasonCode, task: TaskId) -> Option<UnblockView> {
    let action = match code {
        ReasonCode::NeedsBudget => "budget",
        ReasonCode::Paused => "resume",
        _ => return None,
    };
    let path = format!("/api/v1/tasks/{task}/{action}");
    Some(UnblockView { method: "POST", path, who: "owner" })
}

/// Work goes on without Redis, and is found a little later.
fn degraded(app: &App) -> ReasonView {
    ReasonView {
        code: "degraded".to_owned(),
        step_id: None,
        since: Time(app.clock.now()),
        detail:
            "Redis does not answer: workers look for work every few seconds instead of being told."
                .to_owned(),
        data: json!({"missing": ["redis"]}),
        unblock: None,
    }
}
