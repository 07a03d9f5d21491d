use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::SessionId;
use uuid::Uuid;

use super::{TokenHash, end};
use crate::DbResult;
use crate::audit::{self, Act, Origin};
use crate::schema::{refresh_tokens as tokens, sessions, users};
use crate::shared::interval;
use crate::users::UserRow;

/// A refresh token is used.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// What was shown.
    pub shown: TokenHash,
    /// What takes its place: always the same for the same predecessor.
    pub successor: TokenHash,
    /// How long the successor lives when nobody uses it.
    pub idle: Duration,
    /// How long a repeat is taken for a lost answer.
    pub grace: Duration,
}

/// What came of it.
pub enum Rotated {
    /// The successor is good now: it was made now, or less than the grace ago and is still unused.
    Renewed(SessionId, Box<UserRow>),
    /// Unknown, or too old.
    Unknown,
    /// It was used before: the session has ended.
    Reused(SessionId),
    /// The session had ended, or its user is disabled.
    Ended,
}

/// Uses a refresh token. The row lock on it orders twins: one rotates, the others find it rotated just now.
pub async fn rotate(
    conn: &mut AsyncPgConnection,
    rotation: &Rotation,
    from: &Origin,
) -> DbResult<Rotated> {
    transact!(conn, |c| {
        let Some(shown) = lock(c, rotation).await? else { return Ok(Rotated::Unknown) };
        let session = SessionId(shown.session);
        let Some(user) = user_of(c, session).await? else { return Ok(Rotated::Ended) };
        match shown.state {
            State::Expired => Ok(Rotated::Unknown),
            State::Fresh => {
                succeed(c, rotation, session).await?;
                Ok(Rotated::Renewed(session, Box::new(user)))
            }
            State::JustRotated => Ok(Rotated::Renewed(session, Box::new(user))),
            State::Replayed => {
                end(c, session, "reuse").await?;
                let act = Act::refused(Some(user.id), "auth.refresh_reuse", from.clone());
                audit::append(c, &act.to("session", session.0)).await?;
                Ok(Rotated::Reused(session))
            }
        }
    })
}

enum State {
    Fresh,
    JustRotated,
    Replayed,
    Expired,
}

struct Shown {
    session: Uuid,
    state: State,
}

async fn lock(conn: &mut AsyncPgConnection, rotation: &Rotation) -> DbResult<Option<Shown>> {
    let now = || diesel::dsl::now.into_sql::<Timestamptz>();
    let grace = interval(rotation.grace)?.into_sql::<Interval>();
    let found: Option<(Uuid, bool, bool, Option<bool>)> = tokens::table
        .find(rotation.shown.as_slice())
        .select((
            tokens::session_id,
            tokens::expires_at.le(now()),
            tokens::rotated_at.is_not_null(),
            tokens::rotated_at.gt((now() - grace).nullable()),
        ))
        .for_update()
        .first(conn)
        .await
        .optional()?;
    let Some((session, expired, rotated, recently)) = found else { return Ok(None) };
    let state = match (rotated, recently) {
        (false, _) if expired => State::Expired,
        (false, _) => State::Fresh,
        (true, Some(true)) if unused(conn, &rotation.successor).await? => State::JustRotated,
        (true, _) => State::Replayed,
    };
    Ok(Some(Shown { session, state }))
}

async fn unused(conn: &mut AsyncPgConnection, token: &TokenHash) -> DbResult<bool> {
    let unused: Option<bool> = tokens::table
        .find(token.as_slice())
        .select(tokens::rotated_at.is_null())
        .first(conn)
        .await
        .optional()?;
    Ok(unused == Some(true))
}

async fn user_of(conn: &mut AsyncPgConnection, session: SessionId) -> DbResult<Option<UserRow>> {
    Ok(sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(session.0).and(sessions::revoked_at.is_null()))
        .filter(sessions::expires_at.gt(diesel::dsl::now).and(users::is_active))
        .select(UserRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

async fn succeed(
    conn: &mut AsyncPgConnection,
    rotation: &Rotation,
    session: SessionId,
) -> DbResult<()> {
    diesel::update(tokens::table.find(rotation.shown.as_slice()))
        .set(tokens::rotated_at.eq(diesel::dsl::now))
        .execute(conn)
        .await?;
    let idle = interval(rotation.idle)?.into_sql::<Interval>();
    diesel::insert_into(tokens::table)
        .values((
            tokens::hash.eq(rotation.successor.as_slice()),
            tokens::session_id.eq(session.0),
            tokens::expires_at.eq(diesel::dsl::now.into_sql::<Timestamptz>() + idle),
        ))
        .execute(conn)
        .await?;
    diesel::update(sessions::table.find(session.0))
        .set(sessions::last_used_at.eq(diesel::dsl::now))
        .execute(conn)
        .await?;
    Ok(())
}
