use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::DbResult;
use crate::schema::jobs;

/// A job of a step that became ready. It waits for a slot until it is released.
#[derive(Insertable)]
#[diesel(table_name = jobs)]
pub(crate) struct NewJob {
    pub(crate) id: Uuid,
    pub(crate) kind: &'static str,
    pub(crate) subject_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) pool: String,
    pub(crate) priority: i16,
    pub(crate) requires: Vec<String>,
}

/// Stores jobs; the unique index on the subject refuses a second one for the same step.
pub(crate) async fn insert(c: &mut AsyncPgConnection, rows: &[NewJob]) -> DbResult<()> {
    if !rows.is_empty() {
        diesel::insert_into(jobs::table).values(rows).execute(c).await?;
    }
    Ok(())
}
