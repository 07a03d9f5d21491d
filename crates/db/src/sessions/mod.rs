//! Logins and their refresh tokens. Only hashes of tokens are stored; a rotated one stays, so that its replay is seen.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Role, SessionId, UserId};
use uuid::Uuid;

use crate::DbResult;
use crate::audit::{self, Act, Origin};
use crate::schema::{refresh_tokens as tokens, sessions, users};
use crate::shared::interval;

mod own;
mod rotate;

pub use own::{SessionRow, list, revoke};
pub use rotate::{Rotated, Rotation, rotate};

/// SHA-256 of a refresh token.
pub type TokenHash = [u8; 32];

/// A login to be.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id: the `sid` of its access tokens.
    pub id: SessionId,
    /// Who logged in.
    pub user: UserId,
    /// From where.
    pub ip: String,
    /// What the client calls itself.
    pub user_agent: String,
    /// Its first refresh token.
    pub token: TokenHash,
    /// How long it lives when nobody uses it.
    pub idle: Duration,
    /// How long it lives at most.
    pub absolute: Duration,
}

/// Whom an access token of a live session stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alive {
    /// The user.
    pub user: UserId,
    /// Their role now.
    pub role: Role,
}

/// The live session `id`; `None` when it ended or its user is disabled.
pub async fn alive(conn: &mut AsyncPgConnection, id: SessionId) -> DbResult<Option<Alive>> {
    let found: Option<(Uuid, String)> = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(id.0).and(sessions::revoked_at.is_null()))
        .filter(sessions::expires_at.gt(diesel::dsl::now).and(users::is_active))
        .select((users::id, users::role))
        .first(conn)
        .await
        .optional()?;
    let alive =
        |(user, role): (Uuid, String)| Ok(Alive { user: UserId(user), role: role.parse()? });
    found.map(alive).transpose()
}

/// The session of a refresh token, used or not.
pub async fn of_token(
    conn: &mut AsyncPgConnection,
    token: &TokenHash,
) -> DbResult<Option<SessionId>> {
    let query = tokens::table.find(token.as_slice()).select(tokens::session_id);
    Ok(query.first(conn).await.optional()?.map(SessionId))
}

/// Ends a session of `user`, or all of them; answers which ended.
pub async fn log_out(
    conn: &mut AsyncPgConnection,
    user: UserId,
    only: Option<SessionId>,
    from: &Origin,
) -> DbResult<Vec<SessionId>> {
    transact!(conn, |c| {
        let ended = match only {
            Some(session) => end(c, session, "logout").await?,
            None => end_all(c, user, "logout").await?,
        };
        let act = Act::done(user, "auth.logout", from.clone())
            .with(serde_json::json!({ "sessions": ended.len() }));
        audit::append(c, &act).await?;
        Ok(ended)
    })
}

/// Ends every session of `user`.
pub(crate) async fn end_all(
    conn: &mut AsyncPgConnection,
    user: UserId,
    reason: &str,
) -> DbResult<Vec<SessionId>> {
    let ended: Vec<Uuid> = diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user.0).and(sessions::revoked_at.is_null()))
        .set((sessions::revoked_at.eq(diesel::dsl::now), sessions::revoked_reason.eq(reason)))
        .returning(sessions::id)
        .get_results(conn)
        .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

/// Ends every session of `user` but one.
pub(crate) async fn end_others(
    conn: &mut AsyncPgConnection,
    user: UserId,
    keep: SessionId,
    reason: &str,
) -> DbResult<Vec<SessionId>> {
    let ended: Vec<Uuid> = diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user.0).and(sessions::revoked_at.is_null()))
        .filter(sessions::id.ne(keep.0))
        .set((sessions::revoked_at.eq(diesel::dsl::now), sessions::revoked_reason.eq(reason)))
        .returning(sessions::id)
        .get_results(conn)
        .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

/// Stores a login with its first refresh token.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, new: &NewSession) -> DbResult<()> {
    let now = || diesel::dsl::now.into_sql::<Timestamptz>();
    let absolute = interval(new.absolute)?.into_sql::<Interval>();
    let idle = interval(new.idle.min(new.absolute))?.into_sql::<Interval>();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id.0),
            sessions::user_id.eq(new.user.0),
            sessions::ip.eq(&new.ip),
            sessions::user_agent.eq(&new.user_agent),
            sessions::expires_at.eq(now() + absolute),
        ))
        .execute(conn)
        .await?;
    diesel::insert_into(tokens::table)
        .values((
            tokens::hash.eq(new.token.as_slice()),
            tokens::session_id.eq(new.id.0),
            tokens::expires_at.eq(now() + idle),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends one session; answers it if it was alive.
async fn end(
    conn: &mut AsyncPgConnection,
    session: SessionId,
    reason: &str,
) -> DbResult<Vec<SessionId>> {
    let ended = diesel::update(sessions::table.find(session.0))
        .filter(sessions::revoked_at.is_null())
        .set((sessions::revoked_at.eq(diesel::dsl::now), sessions::revoked_reason.eq(reason)))
        .execute(conn)
        .await?;
    Ok(if ended == 1 { vec![session] } else { vec![] })
}
