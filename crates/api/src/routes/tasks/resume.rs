use actix_web::post;
use actix_web::web::Data;
use ninja_db::tasks::{self, Steered};
use ninja_types::TaskId;

use super::status::{Wish, wrong_status};
use super::view::TaskView;
use super::{slots, witness};
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;
use crate::problem::Problem;

/// Resume a task
///
/// It goes on where it was paused.
#[utoipa::path(
    operation_id = "resumeTask", tag = "tasks", security(("bearer" = ["tasks:write"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses(
        (status = 200, body = TaskView, description = "It is `running`, or `waiting` if every open step waits"),
        (status = 409, body = Problem, description = "`wrong_status`: it is not paused"),
    ),
)]
#[post("/tasks/{id}/resume")]
#[tracing::instrument(name = "api.tasks.resume", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn resume(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(task): Id<TaskId>,
) -> ApiResult<Found<TaskView>> {
    witness(&app, &caller, task).await?;
    let slots = slots(&app.config.limits);
    let resumed = tasks::resume(&mut *app.conn().await?, caller.owner(), task, &slots).await?;
    match resumed.ok_or_else(ApiError::not_found)? {
        Steered::Done(changed) => {
            app.tell(&changed);
            Ok(Found(changed.task.into()))
        }
        Steered::Refused(status) => Err(wrong_status(status, Wish::Resume)),
    }
}
