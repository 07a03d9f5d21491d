use actix_web::delete;
use actix_web::web::Data;
use ninja_db::tasks;
use ninja_types::TaskId;

use super::status::{Wish, wrong_status};
use crate::answer::NoContent;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;
use crate::problem::Problem;

/// Delete a task
///
/// Only one that has ended. Its steps, calls, events and artifacts go with it.
#[utoipa::path(
    operation_id = "deleteTask", tag = "tasks", security(("bearer" = ["tasks:write"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, body = Problem, description = "`wrong_status`: it has not ended"),
    ),
)]
#[delete("/tasks/{id}")]
#[tracing::instrument(name = "api.tasks.delete", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(task): Id<TaskId>,
) -> ApiResult<NoContent> {
    let act = caller.act("task.delete").to("task", task.0);
    let deleted = tasks::delete(&mut *app.conn().await?, caller.owner(), task, &act).await?;
    deleted
        .ok_or_else(ApiError::not_found)?
        .map_err(|status| wrong_status(status, Wish::Delete))?;
    Ok(NoContent)
}
