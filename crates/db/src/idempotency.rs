//! Answers of requests that may come twice. The row is written in the transaction of the change, so it stands exactly
//! when the change does.

use std::time::Duration;

use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl;
use diesel::sql_types::{Interval, Timestamptz};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::UserId;
use serde_json::Value;

use crate::schema::idempotency_keys as keys;
use crate::{DbError, DbResult, shared::interval};

/// A request that names itself with an `Idempotency-Key`. `T` is what its create function stores.
#[derive(Debug)]
pub struct Once<T> {
    /// Whose key: two users may use the same one.
    pub user: UserId,
    /// `POST`
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// What the client sent.
    pub key: String,
    /// SHA-256 of the canonical body: the same key with another body is a mistake of the client.
    pub fingerprint: [u8; 32],
    /// How long the answer is kept.
    pub keep: Duration,
    /// Renders the answer, which must be stored before it is sent.
    pub answer: fn(&T) -> Answer,
}

/// A stored answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// HTTP status; only successes are stored.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: Value,
}

/// What a create function did.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It was done now.
    Done(T),
    /// It had been done before, by a request with the same key: nothing was written.
    Replayed(Answer),
}

/// The first statement of the transaction: takes the key, or answers what it was answered before. A twin that is still
/// at work is waited for; `InFlight` when that takes longer than a lock may.
pub(crate) async fn begin<T>(
    conn: &mut AsyncPgConnection,
    once: Option<&Once<T>>,
) -> DbResult<Option<Answer>> {
    let Some(once) = once else { return Ok(None) };
    let row = (
        keys::user_id.eq(once.user.0),
        keys::method.eq(&once.method),
        keys::path.eq(&once.path),
        keys::key.eq(&once.key),
        keys::fingerprint.eq(once.fingerprint.as_slice()),
        keys::status.eq(0),
        keys::body.eq(Value::Null),
    );
    let old =
        diesel::dsl::now.into_sql::<Timestamptz>() - interval(once.keep)?.into_sql::<Interval>();
    let upsert = diesel::insert_into(keys::table)
        .values(row)
        .on_conflict((keys::user_id, keys::method, keys::path, keys::key))
        .do_update()
        .set((
            keys::fingerprint.eq(excluded(keys::fingerprint)),
            keys::status.eq(excluded(keys::status)),
            keys::body.eq(excluded(keys::body)),
            keys::created_at.eq(diesel::dsl::now),
        ));
    let taken = FilterDsl::filter(upsert, keys::created_at.lt(old)).execute(conn).await.map_err(
        |error| match DbError::from(error) {
            DbError::LockTimeout => DbError::InFlight,
            other => other,
        },
    )?;
    if taken == 1 { Ok(None) } else { stored(conn, once).await.map(Some) }
}

/// The last statement of the transaction (but for an audit row): stores the answer for `stored`.
pub(crate) async fn finish<T>(
    conn: &mut AsyncPgConnection,
    once: Option<&Once<T>>,
    stored: &T,
) -> DbResult<()> {
    let Some(once) = once else { return Ok(()) };
    let answer = (once.answer)(stored);
    let status = i16::try_from(answer.status).map_err(DbError::stored)?;
    diesel::update(keys::table.find((once.user.0, &once.method, &once.path, &once.key)))
        .set((
            keys::status.eq(status),
            keys::location.eq(answer.location),
            keys::body.eq(answer.body),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Instead of [`finish`], where nothing was stored: the key is as good as new.
pub(crate) async fn forget<T>(
    conn: &mut AsyncPgConnection,
    once: Option<&Once<T>>,
) -> DbResult<()> {
    if let Some(once) = once {
        let row = keys::table.find((once.user.0, &once.method, &once.path, &once.key));
        diesel::delete(row).execute(conn).await?;
    }
    Ok(())
}

async fn stored<T>(conn: &mut AsyncPgConnection, once: &Once<T>) -> DbResult<Answer> {
    let (fingerprint, status, location, body): (Vec<u8>, i16, Option<String>, Value) = keys::table
        .find((once.user.0, &once.method, &once.path, &once.key))
        .select((keys::fingerprint, keys::status, keys::location, keys::body))
        .first(conn)
        .await?;
    if fingerprint != once.fingerprint {
        return Err(DbError::KeyReused);
    }
    let status = u16::try_from(status).map_err(DbError::stored)?;
    Ok(Answer { status, location, body })
}
