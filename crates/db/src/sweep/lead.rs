use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Interval, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{DbError, DbResult, advisory};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Tries to become the leader. Asked on the sweeper's own connection, on which every statement of its passes runs.
pub async fn lead(conn: &mut AsyncPgConnection) -> DbResult<bool> {
    // Held already: the lock is counted, so asking again must not take it twice.
    let answer: Answer = diesel::sql_query(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
                                     AND classid = ($1 >> 32)::int::oid AND objid = ($1 & 4294967295)::oid)
                     THEN true ELSE pg_try_advisory_lock($1) END AS yes",
    )
    .bind::<BigInt, _>(advisory::SWEEPER)
    .get_result(conn)
    .await?;
    Ok(answer.yes)
}

/// Lets PostgreSQL end this session, and with it the leadership, after so much silence: a leader that is stopped without
/// dying keeps its connection alive, and nobody would sweep.
pub async fn yield_after(conn: &mut AsyncPgConnection, silence: Duration) -> DbResult<()> {
    diesel::sql_query("SELECT set_config('idle_session_timeout', $1, false)")
        .bind::<Text, _>(format!("{}ms", silence.as_millis()))
        .execute(conn)
        .await?;
    Ok(())
}

/// PostgreSQL itself was away a moment ago, or no worker could renew: nobody is blamed for a lease that ran out then.
pub async fn is_quiet_time(conn: &mut AsyncPgConnection, lease: Duration) -> DbResult<bool> {
    let lease = TimeDelta::from_std(lease).map_err(DbError::stored)?;
    let answer: Answer = diesel::sql_query(
        "SELECT pg_postmaster_start_time() > now() - $1
             OR (EXISTS (SELECT 1 FROM workers WHERE state = 'alive')
                 AND NOT EXISTS (SELECT 1 FROM workers WHERE state = 'alive' AND lease_until > now())
                 AND EXISTS (SELECT 1 FROM workers WHERE state = 'alive' AND lease_until > now() - $1)) AS yes",
    )
    .bind::<Interval, _>(lease)
    .get_result(conn)
    .await?;
    Ok(answer.yes)
}
