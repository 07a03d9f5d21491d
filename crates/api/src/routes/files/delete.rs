use actix_web::delete;
use actix_web::web::Data;
use ninja_db::files::{self, Deleted};
use ninja_types::FileId;

use crate::answer::NoContent;
use crate::app::App;
use crate::caller::{Caller, FilesWrite};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Id;
use crate::problem::Problem;

/// Delete a file
///
/// Not while a task that has not ended names it. Tasks that have ended keep their results.
#[utoipa::path(operation_id = "deleteFile", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = Uuid, Path, description = "The file's id.")), responses(
    (status = 204, description = "It is gone"),
    (status = 409, body = Problem, description = "`file_in_use`"),
))]
#[delete("/files/{id}")]
#[tracing::instrument(name = "api.files.delete", skip_all, fields(file_id = %id.0))]
pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller<FilesWrite>,
    id: Id<FileId>,
) -> ApiResult<NoContent> {
    let act = caller.act("file.delete").to("file", id.0.0);
    let deleted = files::delete(&mut *app.conn().await?, caller.owner(), id.0, &act).await?;
    match deleted {
        Some(Deleted::Done) => Ok(NoContent),
        Some(Deleted::InUse) => Err(ApiError::new(
            Code::FileInUse,
            "A task that has not ended names this file: wait for it or cancel it first.",
        )),
        None => Err(ApiError::not_found()),
    }
}
