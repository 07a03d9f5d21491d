use actix_web::web::Data;
use actix_web::{Either, post};
use ninja_db::release;
use ninja_db::tasks::{self, Cancel};
use ninja_queue::Signal;
use ninja_types::TaskId;

use super::status::{Wish, wrong_status};
use super::view::TaskView;
use super::{slots, witness};
use crate::answer::{Accepted, Found};
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;
use crate::problem::Problem;

/// Cancel a task
///
/// At once where no step runs; else its workers are told, and it ends as soon as they have stopped.
#[utoipa::path(
    operation_id = "cancelTask", tag = "tasks", security(("bearer" = ["tasks:write"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses(
        (status = 200, body = TaskView, description = "It is `cancelled`"),
        (status = 202, body = TaskView, description = "It is `cancelling`"),
        (status = 409, body = Problem, description = "`wrong_status`: it has completed or failed"),
    ),
)]
#[post("/tasks/{id}/cancel")]
#[tracing::instrument(name = "api.tasks.cancel", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn cancel(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(task): Id<TaskId>,
) -> ApiResult<Either<Found<TaskView>, Accepted<TaskView>>> {
    witness(&app, &caller, task).await?;
    let mut conn = app.conn().await?;
    let done = tasks::cancel(&mut conn, caller.owner(), task, caller.id).await?;
    let (row, notice, ended) = match done.ok_or_else(ApiError::not_found)? {
        Cancel::Ended(row, notice) => (row, notice, true),
        Cancel::UnderWay(row, notice) => {
            app.queue.signal(Signal::Cancel(task));
            (row, notice, false)
        }
        Cancel::Refused(status) => return Err(wrong_status(status, Wish::Cancel)),
    };
    if let Some(notice) = notice {
        app.notify(&notice);
        // Its idle jobs are gone, and their slots are for the user's next.
        app.push(&release::for_user(&mut conn, row.user_id, &slots(&app.config.limits)).await?);
    }
    let view = TaskView::from(*row);
    Ok(if ended { Either::Left(Found(view)) } else { Either::Right(Accepted(view)) })
}
