use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::JobId;
use uuid::Uuid;

use crate::release::fit;
use crate::schema::jobs;
use crate::{DbError, DbResult, Push};

/// A job that was released a while ago and is still ready: its message may be lost.
#[derive(Clone, Copy, Debug)]
pub struct Stale {
    /// What to push.
    pub push: Push,
    /// As it was seen: who confirms it first pushes.
    pub enqueued_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    pool: String,
    #[diesel(sql_type = Timestamptz)]
    enqueued_at: DateTime<Utc>,
}

/// Released jobs that nobody claimed within `age` although a live worker could.
pub async fn stale_released(conn: &mut AsyncPgConnection, age: Duration) -> DbResult<Vec<Stale>> {
    const SQL: &str = concat!(
        "SELECT j.id, j.kind, j.pool, j.enqueued_at FROM jobs j
          WHERE j.state = 'ready' AND j.enqueued_at < now() - $1 AND ",
        fit!(),
        " ORDER BY j.priority DESC, j.enqueued_at LIMIT 20000"
    );
    let age = TimeDelta::from_std(age).map_err(DbError::stored)?;
    let rows: Vec<Row> = diesel::sql_query(SQL).bind::<Interval, _>(age).load(conn).await?;
    rows.into_iter()
        .map(|row| {
            let push =
                Push { job: JobId(row.id), kind: row.kind.parse()?, pool: row.pool.parse()? };
            Ok(Stale { push, enqueued_at: row.enqueued_at })
        })
        .collect()
}

/// Marks a stale job as released anew. Only who gets `true` pushes it.
pub async fn confirm_repush(conn: &mut AsyncPgConnection, stale: &Stale) -> DbResult<bool> {
    let confirmed = diesel::update(jobs::table.find(stale.push.job.0))
        .filter(jobs::state.eq("ready").and(jobs::enqueued_at.eq(stale.enqueued_at)))
        .set(jobs::enqueued_at.eq(now))
        .execute(conn)
        .await?;
    Ok(confirmed == 1)
}
