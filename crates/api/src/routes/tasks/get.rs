use std::time::Duration;

use actix_web::get;
use actix_web::web::Data;
use ninja_db::tasks::{self, TaskRow};
use ninja_types::{TaskId, TaskStatus};
use serde::Deserialize;
use tokio::time::Instant;

use super::look;
use super::view::TaskView;
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, ValidQuery};
use crate::hub::Next;

/// How long to wait for the task.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Answer as soon as the task has ended or waits for a person, at the latest after so many seconds.
    #[param(minimum = 0, maximum = 60, default = 0)]
    wait_seconds: Option<i64>,
}

/// Get a task
///
/// With `wait_seconds` the answer comes when there is something to tell.
#[utoipa::path(
    operation_id = "getTask", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(("id" = uuid::Uuid, Path, description = "The task"), Wait),
    responses((status = 200, body = TaskView)),
)]
#[get("/tasks/{id}")]
#[tracing::instrument(name = "api.tasks.get", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn get(
    app: Data<App>,
    caller: Caller<TasksRead>,
    Id(task): Id<TaskId>,
    ValidQuery(query): ValidQuery<Wait>,
) -> ApiResult<Found<TaskView>> {
    let row = look(&app, &caller, task).await?;
    let wait = query.wait_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
    if wait == 0 || is_settled(row.status) {
        return Ok(Found(row.into()));
    }
    settled(&app, &row, Duration::from_secs(wait)).await?;
    let row = tasks::find(&mut *app.conn().await?, caller.owner(), task).await?;
    Ok(Found(row.ok_or_else(ApiError::not_found)?.into()))
}

fn is_settled(status: TaskStatus) -> bool {
    status.is_terminal() || status == TaskStatus::Waiting
}

/// Until the task ends or waits for a person, or the time is over. The hub wakes it; no connection is held meanwhile.
pub(super) async fn settled(app: &App, row: &TaskRow, wait: Duration) -> ApiResult<()> {
    if is_settled(row.status) {
        return Ok(());
    }
    let end = Instant::now() + wait;
    let mut follower = app.hub.follow(row.id, row.last_seq, row.last_seq, false);
    loop {
        match follower.next(end.saturating_duration_since(Instant::now())).await? {
            Next::Events(events) if !events.iter().any(|told| told.settles) => {}
            _ => return Ok(()),
        }
    }
}
