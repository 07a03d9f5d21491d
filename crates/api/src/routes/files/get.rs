use actix_web::get;
use actix_web::web::Data;
use ninja_db::files;
use ninja_types::FileId;

use super::view::FileInUse;
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, FilesRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// Get a file
///
/// What is known about it, and the tasks that were given it.
#[utoipa::path(operation_id = "getFile", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = Uuid, Path, description = "The file's id.")),
    responses((status = 200, body = FileInUse)))]
#[get("/files/{id}")]
#[tracing::instrument(name = "api.files.get", skip_all, fields(file_id = %id.0))]
pub(crate) async fn get(
    app: Data<App>,
    caller: Caller<FilesRead>,
    id: Id<FileId>,
) -> ApiResult<Found<FileInUse>> {
    let mut conn = app.conn().await?;
    let found = files::find(&mut conn, caller.owner(), id.0).await?;
    let row = found.ok_or_else(ApiError::not_found)?;
    let task_ids = files::tasks_of(&mut conn, id.0).await?;
    drop(conn);
    app.witness(&caller, row.user_id, "file", id.0.0).await?;
    Ok(Found(FileInUse::new(row, task_ids)))
}
