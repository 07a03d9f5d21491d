//! New events of many tasks in one query, and which tasks a user has: what the hub of an API process reads when it is
//! told.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Interval, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{EventRecord, TaskId, Time, UserId};
use uuid::Uuid;

use crate::DbResult;
use crate::schema::tasks;
use crate::shared::interval;

/// The tasks of a user that have not ended, and when that was so.
#[derive(Clone, Debug)]
pub struct OpenTasks {
    /// A task that had ended then has an earlier `completed_at`; one that is stored later has not.
    pub at: Time,
    /// Each with its newest event.
    pub heads: Vec<(TaskId, i64)>,
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = Timestamptz)]
    at: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = Array<SqlUuid>)]
    ids: Vec<Uuid>,
    #[diesel(sql_type = Array<BigInt>)]
    seqs: Vec<i64>,
}

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

/// What is open of `user`'s.
pub async fn open(conn: &mut AsyncPgConnection, user: UserId) -> DbResult<OpenTasks> {
    // The clock is read after the snapshot was taken, which `now()` would not be.
    let row: OpenRow = diesel::sql_query(
        "SELECT clock_timestamp() AS at, coalesce(array_agg(id), '{}') AS ids,
                coalesce(array_agg(last_seq), '{}') AS seqs
           FROM tasks
          WHERE user_id = $1 AND status NOT IN ('completed', 'failed', 'cancelled')",
    )
    .bind::<SqlUuid, _>(user.0)
    .get_result(conn)
    .await?;
    let heads = row.ids.into_iter().map(TaskId).zip(row.seqs).collect();
    Ok(OpenTasks { at: Time(row.at), heads })
}

/// The tasks of these users that were stored within the last `span`.
pub async fn created(
    conn: &mut AsyncPgConnection,
    users: &[UserId],
    span: Duration,
) -> DbResult<Vec<(UserId, TaskId)>> {
    let since = diesel::dsl::now.into_sql::<Timestamptz>() - interval(span)?.into_sql::<Interval>();
    let rows: Vec<(Uuid, Uuid)> = tasks::table
        .filter(tasks::user_id.eq_any(users.iter().map(|user| user.0)))
        .filter(tasks::created_at.gt(since))
        .select((tasks::user_id, tasks::id))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(user, task)| (UserId(user), TaskId(task))).collect())
}
