use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::TaskId;

use super::TaskRow;
use crate::schema::tasks;
use crate::{DbResult, Owner};

/// The task, if `owner` may reach it.
pub async fn find(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    task: TaskId,
) -> DbResult<Option<TaskRow>> {
    let mut query = tasks::table.find(task.0).select(TaskRow::as_select()).into_boxed();
    if let Some(user) = owner.id() {
        query = query.filter(tasks::user_id.eq(user));
    }
    Ok(query.get_result(conn).await.optional()?)
}
