use ninja_db::files::FileRow;
use ninja_types::{FileId, TaskId, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// An upload.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FileView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: FileId,
    /// As its owner called it.
    filename: String,
    /// In lower case, without the dot.
    extension: String,
    /// Bytes.
    size: i64,
    /// By name and bytes.
    content_type: String,
    /// `text`, `code`, `table`, `document`, `image` or `archive`.
    kind: String,
    /// SHA-256 of the bytes, in hex.
    sha256: String,
    /// Path of the download.
    url: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

/// An upload and who uses it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FileInUse {
    #[serde(flatten)]
    file: FileView,
    /// The tasks that were given the file, newest first.
    #[schema(value_type = Vec<Uuid>)]
    task_ids: Vec<TaskId>,
}

impl From<FileRow> for FileView {
    fn from(row: FileRow) -> Self {
        Self {
            id: row.id,
            url: format!("/api/v1/files/{}/download", row.id),
            filename: row.filename,
            extension: row.extension,
            size: row.size,
            content_type: row.content_type,
            kind: row.kind,
            sha256: row.sha256,
            created_at: row.created_at.into(),
        }
    }
}

impl FileInUse {
    pub(super) fn new(row: FileRow, task_ids: Vec<TaskId>) -> Self {
        Self { file: row.into(), task_ids }
    }
}

impl FileView {
    /// Where the file is.
    pub(super) fn location(&self) -> String {
        format!("/api/v1/files/{}", self.id)
    }
}
