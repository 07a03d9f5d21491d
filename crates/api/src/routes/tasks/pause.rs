use actix_web::post;
use actix_web::web::Data;
use ninja_db::tasks::{self, Steered};
use ninja_queue::Signal;
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

/// Pause a task
///
/// No call of it begins any more. A step that runs is handed back when its call in flight ends, and charged nothing; one
/// that needs no further call completes.
#[utoipa::path(
    operation_id = "pauseTask", tag = "tasks", security(("bearer" = ["tasks:write"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses(
        (status = 200, body = TaskView, description = "It is `paused`"),
        (status = 409, body = Problem, description = "`wrong_status`: it is not running"),
    ),
)]
#[post("/tasks/{id}/pause")]
#[tracing::instrument(name = "api.tasks.pause", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn pause(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(task): Id<TaskId>,
) -> ApiResult<Found<TaskView>> {
    witness(&app, &caller, task).await?;
    let slots = slots(&app.config.limits);
    let mut conn = app.conn().await?;
    let paused = tasks::pause(&mut conn, caller.owner(), task, caller.id, &slots).await?;
    match paused.ok_or_else(ApiError::not_found)? {
        Steered::Done(changed) => {
            app.queue.signal(Signal::Pause(task));
            app.tell(&changed);
            Ok(Found(changed.task.into()))
        }
        Steered::Refused(status) => Err(wrong_status(status, Wish::Pause)),
    }
}
