//! What a task is given of earlier tasks. A copy of the facts, so that the earlier task may be deleted meanwhile: the
//! bytes stay as long as a row names their hash.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::ArtifactId;
use uuid::Uuid;

use super::create::NewTask;
use crate::schema::{artifacts, task_artifacts};
use crate::{DbError, DbResult};

type Facts = (Uuid, String, i64, String, String);

/// Notes the artifacts that the task names; all must be its owner's.
pub(super) async fn give(c: &mut AsyncPgConnection, new: &NewTask) -> DbResult<()> {
    if new.artifacts.is_empty() {
        return Ok(());
    }
    let asked: Vec<Uuid> = new.artifacts.iter().map(|id| id.0).collect();
    let found: Vec<Facts> = artifacts::table
        .filter(artifacts::id.eq_any(&asked).and(artifacts::user_id.eq(new.owner.0)))
        .select((
            artifacts::id,
            artifacts::path,
            artifacts::size,
            artifacts::content_type,
            artifacts::sha256,
        ))
        .order(artifacts::id)
        .for_key_share()
        .load(c)
        .await?;
    let there = |id: &Uuid| found.iter().any(|(found, ..)| found == id);
    let missing: Vec<_> = asked.into_iter().filter(|id| !there(id)).map(ArtifactId).collect();
    if !missing.is_empty() {
        return Err(DbError::UnknownArtifacts(missing));
    }
    let row = |(id, path, size, content_type, sha256): Facts| {
        (
            task_artifacts::task_id.eq(new.id.0),
            task_artifacts::artifact_id.eq(id),
            task_artifacts::path.eq(path),
            task_artifacts::size.eq(size),
            task_artifacts::content_type.eq(content_type),
            task_artifacts::sha256.eq(sha256),
        )
    };
    let rows: Vec<_> = found.into_iter().map(row).collect();
    diesel::insert_into(task_artifacts::table).values(rows).execute(c).await?;
    Ok(())
}
