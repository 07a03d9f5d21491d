use actix_web::get;
use actix_web::web::Data;
use ninja_db::tasks;
use ninja_types::{StepId, TaskId};

use super::step_view::{CallView, StepView};
use super::witness;
use crate::answer::List;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, NoFilter, Page, PageParams};

/// List the steps of a task
///
/// All of them, in the order of the plan.
#[utoipa::path(
    operation_id = "listTaskSteps", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses((status = 200, body = List<StepView>)),
)]
#[get("/tasks/{id}/steps")]
#[tracing::instrument(name = "api.tasks.steps", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn steps(
    app: Data<App>,
    caller: Caller<TasksRead>,
    Id(task): Id<TaskId>,
) -> ApiResult<List<StepView>> {
    let steps = tasks::steps(&mut *app.conn().await?, caller.owner(), task).await?;
    let steps = steps.ok_or_else(ApiError::not_found)?;
    witness(&app, &caller, task).await?;
    Ok(List::full(steps.into_iter().map(StepView::from).collect()))
}

/// List the recorded calls of a step
///
/// Oldest first. What was superseded by a later history is there too.
#[utoipa::path(
    operation_id = "listStepCalls", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The task"),
        ("step_id" = uuid::Uuid, Path, description = "The step"), PageParams,
    ),
    responses((status = 200, body = List<CallView>)),
)]
#[get("/tasks/{id}/steps/{step_id}/calls")]
#[tracing::instrument(name = "api.tasks.calls", skip_all, fields(user_id = %caller.id, task_id = %of.0, step_id = %of.1))]
pub(crate) async fn calls(
    app: Data<App>,
    caller: Caller<TasksRead>,
    Id(of): Id<(TaskId, StepId)>,
    page: Page<NoFilter>,
) -> ApiResult<List<CallView>> {
    let after = page.after()?.unwrap_or(0);
    let calls =
        tasks::calls(&mut *app.conn().await?, caller.owner(), of, after, page.fetch()).await?;
    let calls = calls.ok_or_else(ApiError::not_found)?;
    witness(&app, &caller, of.0).await?;
    Ok(page.list(calls, |call| call.id, CallView::from))
}
