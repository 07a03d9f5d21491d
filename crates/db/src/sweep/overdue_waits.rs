use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Limit, TaskId};
use serde_json::json;
use uuid::Uuid;

use crate::locked::{lock, over};
use crate::schema::steps;
use crate::steps::end;
use crate::{DbResult, Notice};

/// Fails the steps that nobody gave what they waited for, in time.
pub async fn end_waits(conn: &mut AsyncPgConnection) -> DbResult<Vec<Notice>> {
    let overdue = steps::status.eq("waiting").and(steps::wait_until.lt(diesel::dsl::now));
    let due: Vec<(Uuid, Uuid)> = steps::table
        .filter(overdue)
        .order(steps::wait_until)
        .limit(100)
        .select((steps::task_id, steps::id))
        .load(conn)
        .await?;
    let mut ended = Vec::new();
    for (task, step) in due {
        let notice = transact!(conn, |c| {
            let Some(task) = lock(c, TaskId(task)).await? else { return Ok(None) };
            // Asked again under the lock: it may have been given what it waited for.
            let limit: Option<Option<String>> = steps::table
                .find(step)
                .filter(overdue)
                .select(steps::wait_limit)
                .get_result(c)
                .await
                .optional()?;
            let Some(limit) = limit else { return Ok(None) };
            let limit: Limit = limit.unwrap_or_default().parse()?;
            let failure = over(limit, json!({ "waited": true }));
            end::fail_waiting(c, task, step, &failure).await.map(Some)
        })?;
        ended.extend(notice);
    }
    Ok(ended)
}
