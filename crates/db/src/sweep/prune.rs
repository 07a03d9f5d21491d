use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::DbResult;

/// What has outlived its use: answers of keyed requests after a day, dead jobs and ended sessions after 30 days, workers
/// that ended a day ago and hold nothing.
const OUTLIVED: [&str; 5] = [
    "DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'",
    "DELETE FROM jobs WHERE state = 'dead' AND parked_at < now() - interval '30 days'",
    "DELETE FROM refresh_tokens WHERE expires_at < now() - interval '30 days'",
    "DELETE FROM sessions WHERE expires_at < now() - interval '30 days'",
    "DELETE FROM workers w WHERE w.state <> 'alive' AND w.lease_until < now() - interval '1 day'
        AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.worker_id = w.id)",
];

/// Removes what has outlived its use, and answers how many rows that were.
pub async fn prune(conn: &mut AsyncPgConnection) -> DbResult<usize> {
    let mut gone = 0;
    for statement in OUTLIVED {
        gone += diesel::sql_query(statement).execute(conn).await?;
    }
    Ok(gone)
}
