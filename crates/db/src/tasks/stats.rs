use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Interval, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{DbResult, Owner};

/// Tasks counted by where they stand, and how long they took.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Summary {
    /// All.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    /// Of these, completed.
    #[diesel(sql_type = BigInt)]
    pub completed: i64,
    /// Failed.
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Cancelled.
    #[diesel(sql_type = BigInt)]
    pub cancelled: i64,
    /// Running, those being cancelled included.
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Not begun.
    #[diesel(sql_type = BigInt)]
    pub pending: i64,
    /// Waiting for a person.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Paused.
    #[diesel(sql_type = BigInt)]
    pub paused: i64,
    /// Half of the completed tasks took at most so long, from creation to end.
    #[diesel(sql_type = Nullable<Double>)]
    pub p50_seconds: Option<f64>,
    /// All but a twentieth took at most so long.
    #[diesel(sql_type = Nullable<Double>)]
    pub p95_seconds: Option<f64>,
    /// Price of all model calls: millionths of a US dollar.
    #[diesel(sql_type = BigInt)]
    pub cost_micros: i64,
}

const SUMMARY: &str = "
SELECT count(*) AS total,
       count(*) FILTER (WHERE status = 'completed') AS completed,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
       count(*) FILTER (WHERE status IN ('running', 'cancelling')) AS running,
       count(*) FILTER (WHERE status = 'pending') AS pending,
       count(*) FILTER (WHERE status = 'waiting') AS waiting,
       count(*) FILTER (WHERE status = 'paused') AS paused,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE status = 'completed') AS p50_seconds,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE status = 'completed') AS p95_seconds,
       coalesce(sum((usage->>'cost_usd')::numeric * 1000000), 0)::bigint AS cost_micros
  FROM (SELECT status, usage, extract(epoch FROM completed_at - created_at)::double precision AS seconds
          FROM tasks
         WHERE ($1 IS NULL OR user_id = $1) AND ($2 IS NULL OR created_at >= now() - $2)) AS chosen";

/// What became of the tasks created within `window`, or of all.
pub async fn summary(
    conn: &mut AsyncPgConnection,
    owner: Owner,
    window: Option<TimeDelta>,
) -> DbResult<Summary> {
    Ok(diesel::sql_query(SUMMARY)
        .bind::<Nullable<SqlUuid>, _>(owner.id())
        .bind::<Nullable<Interval>, _>(window)
        .get_result(conn)
        .await?)
}
