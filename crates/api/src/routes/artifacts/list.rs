use actix_web::get;
use actix_web::web::Data;
use ninja_db::{artifacts, tasks};
use ninja_types::TaskId;

use super::view::ArtifactView;
use crate::answer::List;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, NoFilter, Page, PageParams};

/// List the artifacts of a task
///
/// Newest first.
#[utoipa::path(operation_id = "listArtifacts", tag = "artifacts", security(("bearer" = ["tasks:read"])),
    params(("id" = Uuid, Path, description = "The task's id."), PageParams),
    responses((status = 200, body = List<ArtifactView>)))]
#[get("/tasks/{id}/artifacts")]
#[tracing::instrument(name = "api.artifacts.list", skip_all, fields(task_id = %task.0))]
pub(crate) async fn list(
    app: Data<App>,
    caller: Caller<TasksRead>,
    task: Id<TaskId>,
    page: Page<NoFilter>,
) -> ApiResult<List<ArtifactView>> {
    let mut conn = app.conn().await?;
    let found = tasks::find(&mut conn, caller.owner(), task.0).await?;
    let owner = found.ok_or_else(ApiError::not_found)?.user_id;
    let rows = artifacts::list(&mut conn, task.0, page.after()?, page.fetch()).await?;
    drop(conn);
    app.witness(&caller, owner, "task", task.0.0).await?;
    Ok(page.list(rows, |row| row.id, ArtifactView::from))
}
