//! Tickets for sockets, while Redis is away. Only hashes are stored; who takes one takes it away.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::SessionId;
use uuid::Uuid;

use crate::DbResult;
use crate::schema::ws_tickets as tickets;
use crate::shared::interval;

/// Keeps a ticket of `session` for `life`, and clears away those that nobody took in time.
pub async fn keep(
    conn: &mut AsyncPgConnection,
    hash: &[u8; 32],
    session: SessionId,
    life: Duration,
) -> DbResult<()> {
    let now = || diesel::dsl::now.into_sql::<Timestamptz>();
    diesel::delete(tickets::table.filter(tickets::expires_at.le(now()))).execute(conn).await?;
    let until = now() + interval(life)?.into_sql::<Interval>();
    diesel::insert_into(tickets::table)
        .values((
            tickets::hash.eq(hash.as_slice()),
            tickets::session_id.eq(session.0),
            tickets::expires_at.eq(until),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whose ticket it was; `None` where it is unknown, taken or too old. It is good no more from here on.
pub async fn take(conn: &mut AsyncPgConnection, hash: &[u8; 32]) -> DbResult<Option<SessionId>> {
    let taken: Option<(Uuid, bool)> = diesel::delete(tickets::table.find(hash.as_slice()))
        .returning((tickets::session_id, tickets::expires_at.gt(diesel::dsl::now)))
        .get_result(conn)
        .await
        .optional()?;
    Ok(taken.filter(|(_, good)| *good).map(|(session, _)| SessionId(session)))
}
