use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::DbResult;
use crate::locked::Locked;

/// Owed, but not now: holds every ready job of a task, delayed ones too. A held job keeps no slot and is never pushed.
pub(crate) async fn hold_all(c: &mut AsyncPgConnection, task: &Locked) -> DbResult<()> {
    diesel::sql_query(
        "UPDATE jobs j SET not_before = 'infinity', enqueued_at = NULL FROM steps s
          WHERE s.id = j.subject_id AND s.task_id = $1 AND j.kind = 'run_step' AND j.state = 'ready'",
    )
    .bind::<diesel::sql_types::Uuid, _>(task.id.0)
    .execute(c)
    .await?;
    Ok(())
}

/// Makes the held jobs of a task's ready steps due; those of its waiting steps stay held.
pub(crate) async fn let_go(c: &mut AsyncPgConnection, task: &Locked) -> DbResult<()> {
    diesel::sql_query(
        "UPDATE jobs j SET not_before = now() FROM steps s
          WHERE s.id = j.subject_id AND s.task_id = $1 AND s.status = 'ready'
            AND j.kind = 'run_step' AND j.state = 'ready' AND j.not_before = 'infinity'",
    )
    .bind::<diesel::sql_types::Uuid, _>(task.id.0)
    .execute(c)
    .await?;
    Ok(())
}
