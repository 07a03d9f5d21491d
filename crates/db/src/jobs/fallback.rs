use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{JobId, Pool};
use uuid::Uuid;

use crate::schema::jobs;
use crate::{DbResult, Push};

/// Released jobs that are due: what a worker without Redis asks for instead of reading its streams.
pub async fn ready(
    conn: &mut AsyncPgConnection,
    pools: &[Pool],
    limit: i64,
) -> DbResult<Vec<Push>> {
    let names: Vec<&str> = pools.iter().map(|pool| pool.as_str()).collect();
    let rows: Vec<(Uuid, String, String)> = jobs::table
        .filter(jobs::pool.eq_any(names).and(jobs::state.eq("ready")))
        .filter(jobs::enqueued_at.is_not_null().and(jobs::not_before.le(diesel::dsl::now)))
        .order((jobs::priority.desc(), jobs::enqueued_at))
        .limit(limit)
        .select((jobs::id, jobs::kind, jobs::pool))
        .load(conn)
        .await?;
    pushes(rows)
}

/// Rows as messages.
pub(crate) fn pushes(rows: Vec<(Uuid, String, String)>) -> DbResult<Vec<Push>> {
    rows.into_iter()
        .map(|(id, kind, pool)| {
            Ok(Push { job: JobId(id), kind: kind.parse()?, pool: pool.parse()? })
        })
        .collect()
}
