use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use ninja_db::files;
use ninja_types::FileId;

use crate::app::App;
use crate::caller::{Caller, FilesRead};
use crate::content::Content;
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;
use crate::problem::Problem;

/// Download a file
///
/// One range is answered with 206, several with the whole; the `ETag` is the SHA-256 of the bytes.
#[utoipa::path(operation_id = "downloadFile", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = Uuid, Path, description = "The file's id.")), responses(
    (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
    (status = 206, description = "The range that was asked for", content_type = "application/octet-stream", body = Vec<u8>),
    (status = 304, description = "The client has it already"),
    (status = 416, body = Problem, description = "`range_not_satisfiable`"),
))]
#[get("/files/{id}/download")]
#[tracing::instrument(name = "api.files.download", skip_all, fields(file_id = %id.0))]
pub(crate) async fn download(
    app: Data<App>,
    caller: Caller<FilesRead>,
    id: Id<FileId>,
    req: HttpRequest,
) -> ApiResult<HttpResponse> {
    let found = files::find(&mut *app.conn().await?, caller.owner(), id.0).await?;
    let row = found.ok_or_else(ApiError::not_found)?;
    app.witness(&caller, row.user_id, "file", id.0.0).await?;
    let content =
        Content { name: row.filename, kind: row.content_type, sha256: row.sha256, inline: false };
    content.answer(&app.files, req.headers()).await
}
