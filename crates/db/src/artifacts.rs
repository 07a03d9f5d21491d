//! Files that tasks made. They are written by `steps::finish`; here they are read.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ArtifactId, StepId, TaskId, UserId};
use uuid::Uuid;

use crate::schema::{artifacts, steps};
use crate::{DbResult, Owner};

/// A file that a task made.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = artifacts)]
pub struct ArtifactRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: ArtifactId,
    /// The task that made it.
    #[diesel(deserialize_as = Uuid)]
    pub task_id: TaskId,
    /// The step that made it.
    #[diesel(deserialize_as = Uuid)]
    pub step_id: StepId,
    /// Whose it is.
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    /// Relative to the step's workspace.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// By name and bytes.
    pub content_type: String,
    /// Where its bytes lie.
    pub sha256: String,
    /// When its step ended.
    pub created_at: DateTime<Utc>,
}

/// The artifact with this id.
pub async fn find(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    id: ArtifactId,
) -> DbResult<Option<ArtifactRow>> {
    let row = artifacts::table.find(id.0).select(ArtifactRow::as_select());
    let row = row.first(conn).await.optional()?;
    Ok(row.filter(|artifact: &ArtifactRow| owner.may_reach(artifact.user_id)))
}

/// At most `limit` artifacts of a task, newest first, from behind `after` on. Whether the task may be reached is asked
/// before.
pub async fn list(
    conn: &mut AsyncPgConnection,
    task: TaskId,
    after: Option<ArtifactId>,
    limit: i64,
) -> DbResult<Vec<ArtifactRow>> {
    let mut query = artifacts::table
        .filter(artifacts::task_id.eq(task.0))
        .order(artifacts::id.desc())
        .limit(limit)
        .select(ArtifactRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(artifacts::id.lt(after.0));
    }
    Ok(query.load(conn).await?)
}

/// Every artifact of a task with the key of its step, in the order of their paths. Whether the task may be reached is
/// asked before.
pub async fn all(
    conn: &mut AsyncPgConnection,
    task: TaskId,
) -> DbResult<Vec<(String, ArtifactRow)>> {
    Ok(artifacts::table
        .inner_join(steps::table.on(steps::id.eq(artifacts::step_id)))
        .filter(artifacts::task_id.eq(task.0))
        .order((artifacts::path, steps::step_number))
        .select((steps::key, ArtifactRow::as_select()))
        .load(conn)
        .await?)
}
