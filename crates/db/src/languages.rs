//! What live workers can run, for those who ask.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::DbResult;
use crate::schema::workers;

/// How many workers live.
pub async fn live_workers(conn: &mut AsyncPgConnection) -> DbResult<i64> {
    Ok(workers::table
        .filter(workers::state.eq("alive").and(workers::lease_until.gt(diesel::dsl::now)))
        .count()
        .get_result(conn)
        .await?)
}
