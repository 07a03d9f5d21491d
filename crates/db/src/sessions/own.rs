use chrono::{DateTime, Utc};
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{SessionId, UserId};
use uuid::Uuid;

use super::end;
use crate::DbResult;
use crate::audit::{self, Act, Origin};

/// A login that still lives, as its owner sees it.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct SessionRow {
    /// Its id.
    #[diesel(sql_type = SqlUuid, deserialize_as = Uuid)]
    pub id: SessionId,
    /// From where it was opened.
    #[diesel(sql_type = Text)]
    pub ip: String,
    /// What the client called itself.
    #[diesel(sql_type = Text)]
    pub user_agent: String,
    /// When it was opened.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When its tokens were last renewed.
    #[diesel(sql_type = Timestamptz)]
    pub last_used_at: DateTime<Utc>,
    /// When it ends if nobody renews its tokens before.
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: DateTime<Utc>,
}

/// The sessions of `user` that live, the last used first.
pub async fn list(conn: &mut AsyncPgConnection, user: UserId) -> DbResult<Vec<SessionRow>> {
    Ok(diesel::sql_query(
        "SELECT s.id, s.ip, s.user_agent, s.created_at, s.last_used_at, least(s.expires_at, t.expires_at) AS expires_at
         FROM sessions s
         JOIN refresh_tokens t ON t.session_id = s.id AND t.rotated_at IS NULL AND t.expires_at > now()
         WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
         ORDER BY s.last_used_at DESC, s.id DESC",
    )
    .bind::<SqlUuid, _>(user.0)
    .load(conn)
    .await?)
}

/// Ends a session of `user` from another one; `false`: they have no such live session.
pub async fn revoke(
    conn: &mut AsyncPgConnection,
    user: UserId,
    session: SessionId,
    from: &Origin,
) -> DbResult<bool> {
    transact!(conn, |c| {
        if !list(c, user).await?.iter().any(|row| row.id == session) {
            return Ok(false);
        }
        end(c, session, "logout").await?;
        let act = Act::done(user, "auth.session_revoked", from.clone());
        audit::append(c, &act.to("session", session.0)).await?;
        Ok(true)
    })
}
