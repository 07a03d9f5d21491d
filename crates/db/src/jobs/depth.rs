use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::DbResult;

/// How many jobs of a pool are in a state, and how long the oldest of them has been owed.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct Depth {
    /// The pool.
    #[diesel(sql_type = Text)]
    pub pool: String,
    /// `waiting` (no slot), `delayed` (not due, or held), `ready` (released), `leased`, `dead`.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Jobs.
    #[diesel(sql_type = BigInt)]
    pub jobs: i64,
    /// Seconds since the oldest was released; 0 in other states than `ready`.
    #[diesel(sql_type = Double)]
    pub oldest_seconds: f64,
}

/// The jobs by pool and state: what autoscalers count. Finished jobs are no rows, so this reads only what is owed.
pub async fn depth(conn: &mut AsyncPgConnection) -> DbResult<Vec<Depth>> {
    let rows = diesel::sql_query(
        "SELECT pool, s.state, count(*) AS jobs,
                coalesce(max(extract(epoch FROM now() - enqueued_at)) FILTER (WHERE s.state = 'ready'), 0)::float8 AS oldest_seconds
           FROM jobs j, LATERAL (SELECT CASE WHEN j.state <> 'ready' THEN j.state WHEN enqueued_at IS NOT NULL THEN 'ready'
                                             WHEN not_before > now() THEN 'delayed' ELSE 'waiting' END AS state) s
          GROUP BY pool, s.state",
    )
    .load(conn)
    .await?;
    Ok(rows)
}
