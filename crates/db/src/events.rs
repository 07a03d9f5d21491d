//! Events: numbered under the task's lock, read in pages by their number.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Event, EventRecord, TaskId, Time};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{task_events, tasks};
use crate::{DbError, DbResult};

#[derive(Insertable)]
#[diesel(table_name = task_events)]
struct NewEvent {
    task_id: Uuid,
    seq: i64,
    kind: String,
    data: Value,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = task_events)]
struct EventRow {
    task_id: Uuid,
    seq: i64,
    kind: String,
    data: Value,
    created_at: DateTime<Utc>,
}

/// Stores `events` from number `first` on. The task is locked, so no number is given twice.
pub(crate) async fn insert(
    c: &mut AsyncPgConnection,
    task: TaskId,
    first: i64,
    events: &[Event],
) -> DbResult<()> {
    let mut rows = Vec::with_capacity(events.len());
    for (seq, event) in (first..).zip(events) {
        let mut parts = serde_json::to_value(event)?;
        let Some(Value::String(kind)) = parts.get_mut("type").map(Value::take) else {
            return Err(DbError::stored("an event without a type"));
        };
        let data = parts.get_mut("data").map(Value::take).unwrap_or_default();
        rows.push(NewEvent { task_id: task.0, seq, kind, data });
    }
    if !rows.is_empty() {
        diesel::insert_into(task_events::table).values(&rows).execute(c).await?;
    }
    Ok(())
}

/// The events of `task` after number `after`, oldest first.
pub async fn page(
    conn: &mut AsyncPgConnection,
    task: TaskId,
    after: i64,
    limit: i64,
) -> DbResult<Vec<EventRecord>> {
    let rows: Vec<EventRow> = task_events::table
        .filter(task_events::task_id.eq(task.0).and(task_events::seq.gt(after)))
        .order(task_events::seq)
        .limit(limit)
        .select(EventRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(EventRecord::from).collect())
}

/// The newest event's number of each of `of` that still stands: what the hub heals lost notices with.
pub async fn heads(conn: &mut AsyncPgConnection, of: &[TaskId]) -> DbResult<Vec<(TaskId, i64)>> {
    let ids: Vec<Uuid> = of.iter().map(|task| task.0).collect();
    let rows: Vec<(Uuid, i64)> = tasks::table
        .filter(tasks::id.eq_any(ids))
        .select((tasks::id, tasks::last_seq))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, seq)| (TaskId(id), seq)).collect())
}

impl From<EventRow> for EventRecord {
    fn from(row: EventRow) -> Self {
        Self {
            task_id: TaskId(row.task_id),
            seq: row.seq,
            kind: row.kind,
            data: row.data,
            created_at: Time(row.created_at),
        }
    }
}
