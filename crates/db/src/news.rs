//! New events of many tasks in one query: what the hub of an API process reads when it is told.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{EventRecord, TaskId, Time};
use uuid::Uuid;

use crate::DbResult;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    task_id: Uuid,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    data: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    created_at: chrono::DateTime<chrono::Utc>,
}

/// The events of each task after its cursor, at most `limit` of each, oldest first within a task.
pub async fn read(
    conn: &mut AsyncPgConnection,
    cursors: &[(TaskId, i64)],
    limit: i64,
) -> DbResult<Vec<EventRecord>> {
    let (tasks, after): (Vec<Uuid>, Vec<i64>) =
        cursors.iter().map(|(task, after)| (task.0, *after)).unzip();
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT e.task_id, e.seq, e.type AS kind, e.data, e.created_at
           FROM unnest($1, $2) AS w (task_id, after),
                LATERAL (SELECT * FROM task_events n WHERE n.task_id = w.task_id AND n.seq > w.after
                          ORDER BY n.seq LIMIT $3) e
          ORDER BY e.task_id, e.seq",
    )
    .bind::<Array<SqlUuid>, _>(tasks)
    .bind::<Array<BigInt>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| EventRecord {
            task_id: TaskId(row.task_id),
            seq: row.seq,
            kind: row.kind,
            data: row.data,
            created_at: Time(row.created_at),
        })
        .collect())
}
