use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{StallReason, TaskId, TaskStatus};
use uuid::Uuid;

use crate::schema::tasks;
use crate::steps::end;
use crate::{DbError, DbResult, Notice, locked};

/// Ends cancelled tasks whose last owner never answered, and those that lost it meanwhile.
pub async fn end_cancelling(conn: &mut AsyncPgConnection, age: Duration) -> DbResult<Vec<Notice>> {
    let age = TimeDelta::from_std(age).map_err(DbError::stored)?;
    let due: Vec<(Uuid, Option<DateTime<Utc>>, DateTime<Utc>)> = tasks::table
        .filter(tasks::status.eq("cancelling"))
        .limit(100)
        .select((tasks::id, tasks::cancelling_at, sql::<Timestamptz>("now()")))
        .load(conn)
        .await?;
    let mut ended = Vec::new();
    for (id, since, at) in due {
        let overdue = since.is_none_or(|since| at - since > age);
        let notice = transact!(conn, |c| {
            let Some(mut task) = locked::lock(c, TaskId(id)).await? else { return Ok(None) };
            if task.status != TaskStatus::Cancelling {
                return Ok(None);
            }
            if !overdue && end::leased_jobs(c, &task).await? > 0 {
                return Ok(None);
            }
            let by = task.cancel_by.unwrap_or(task.user);
            end::cancel_now(c, &mut task, by).await?;
            task.save(c).await.map(Some)
        })?;
        ended.extend(notice);
    }
    Ok(ended)
}

/// Tells tasks that are open, ask nobody, and have not moved for `age`: once an hour. Changes no status.
pub async fn mark_stalled(conn: &mut AsyncPgConnection, age: Duration) -> DbResult<Vec<Notice>> {
    let age = TimeDelta::from_std(age).map_err(DbError::stored)?;
    let at: DateTime<Utc> = diesel::select(sql::<Timestamptz>("now()")).get_result(conn).await?;
    let told_before = Some(at - TimeDelta::hours(1));
    let due: Vec<Uuid> = tasks::table
        .filter(tasks::status.eq_any(["pending", "running"]).and(tasks::updated_at.lt(at - age)))
        .filter(tasks::stalled_at.is_null().or(tasks::stalled_at.lt(told_before)))
        .limit(100)
        .select(tasks::id)
        .load(conn)
        .await?;
    let mut told = Vec::new();
    for id in due {
        let reason = StallReason {
            code: "stalled".into(),
            step_id: None,
            detail: "No event for a while; GET the task's explain for the reasons now.".into(),
        };
        let notice = transact!(conn, |c| {
            let Some(mut task) = locked::lock(c, TaskId(id)).await? else { return Ok(None) };
            if !task.status.runs() {
                return Ok(None);
            }
            task.stall(vec![reason.clone()]);
            task.save(c).await.map(Some)
        })?;
        told.extend(notice);
    }
    Ok(told)
}
