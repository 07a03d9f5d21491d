use ninja_db::artifacts::ArtifactRow;
use ninja_types::{ArtifactId, StepId, TaskId, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// A file that a task made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ArtifactView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: ArtifactId,
    /// The task that made it.
    #[schema(value_type = Uuid)]
    task_id: TaskId,
    /// The step that made it.
    #[schema(value_type = Uuid)]
    step_id: StepId,
    /// Relative to the step's workspace, with `/`.
    path: String,
    /// The last part of the path.
    name: String,
    /// Bytes.
    size: i64,
    /// By name and bytes.
    content_type: String,
    /// SHA-256 of the bytes, in hex.
    sha256: String,
    /// Path of the content.
    url: String,
    /// When its step ended.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<ArtifactRow> for ArtifactView {
    fn from(row: ArtifactRow) -> Self {
        Self {
            id: row.id,
            task_id: row.task_id,
            step_id: row.step_id,
            name: name(&row.path).to_owned(),
            path: row.path,
            size: row.size,
            content_type: row.content_type,
            sha256: row.sha256,
            url: format!("/api/v1/artifacts/{}/content", row.id),
            created_at: row.created_at.into(),
        }
    }
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
