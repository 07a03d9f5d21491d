use actix_web::get;
use actix_web::web::Data;
use ninja_db::files::{self, FileRow};
use ninja_files::{ArchiveEntry, ColumnPreview, Preview, TablePreview};
use ninja_types::FileId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, FilesRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// What of a file can be shown. What its kind has not, and what cannot be read, is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    /// `text`, `code`, `table`, `document`, `image` or `archive`.
    kind: String,
    /// There is more of it in the file.
    truncated: bool,
    /// The first 64 KiB of a text, whatever it is written in.
    text: Option<String>,
    table: Option<TableView>,
    image: Option<ImageView>,
    archive: Option<ArchiveView>,
}

/// The first rows of a table; of a workbook those of its first sheet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableView {
    /// At most 500.
    columns: Vec<ColumnView>,
    /// At most 50, each as long as there are columns; texts end after 200 characters.
    #[schema(value_type = Vec<Vec<Value>>)]
    rows: Vec<Vec<Value>>,
    /// All rows but the header; null where only the beginning was read.
    rows_total: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnView {
    name: String,
    /// What the shown values look like: `number`, `boolean`, `date`, `text` or `empty`.
    #[serde(rename = "type")]
    kind: &'static str,
}

/// In pixels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImageView {
    width: u64,
    height: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArchiveView {
    /// At most 200.
    entries: Vec<EntryView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    path: String,
    /// Unpacked bytes, as the archive says.
    size: u64,
}

/// Preview a file
///
/// The beginning of a text, the first rows of a table, the size of a picture, the names in an archive.
#[utoipa::path(operation_id = "previewFile", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = Uuid, Path, description = "The file's id.")),
    responses((status = 200, body = PreviewView)))]
#[get("/files/{id}/preview")]
#[tracing::instrument(name = "api.files.preview", skip_all, fields(file_id = %id.0))]
pub(crate) async fn preview(
    app: Data<App>,
    caller: Caller<FilesRead>,
    id: Id<FileId>,
) -> ApiResult<Found<PreviewView>> {
    let found = files::find(&mut *app.conn().await?, caller.owner(), id.0).await?;
    let row = found.ok_or_else(ApiError::not_found)?;
    app.witness(&caller, row.user_id, "file", id.0.0).await?;
    let sha256 = row.sha256.parse().map_err(ApiError::internal)?;
    let shown = app.files.preview(&sha256, &row.extension).await?;
    Ok(Found(view(row, shown)))
}

fn view(row: FileRow, shown: Preview) -> PreviewView {
    let image = shown.image.map(|(width, height)| ImageView { width, height });
    let entry = |ArchiveEntry { path, size }| EntryView { path, size };
    let archive =
        |entries: Vec<_>| ArchiveView { entries: entries.into_iter().map(entry).collect() };
    PreviewView {
        kind: row.kind,
        truncated: shown.truncated,
        text: shown.text,
        table: shown.table.map(table),
        image,
        archive: shown.archive.map(archive),
    }
}

fn table(TablePreview { columns, rows, rows_total }: TablePreview) -> TableView {
    let column = |ColumnPreview { name, kind }| ColumnView { name, kind };
    TableView { columns: columns.into_iter().map(column).collect(), rows, rows_total }
}
