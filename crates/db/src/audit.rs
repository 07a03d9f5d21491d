//! Who did what to whom: rows that only grow, each with a hash over itself and the one before it.

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Nullable, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::UserId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::schema::audit_log;
use crate::{DbResult, advisory};

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub ip: Option<String>,
    /// What it calls itself.
    pub user_agent: Option<String>,
    /// The request's id, as the log and the answer name it.
    pub request_id: Option<String>,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActOutcome {
    /// It was done.
    Done,
    /// It was tried, and refused.
    Refused,
}

/// One thing that somebody did, or tried.
#[derive(Clone, Debug)]
pub struct Act {
    /// Who; `None` for a stranger.
    pub actor: Option<UserId>,
    /// `task.delete`, `auth.login`: noun, dot, verb.
    pub action: &'static str,
    /// Whether it was done.
    pub outcome: ActOutcome,
    /// To what: `("task", id)`.
    pub object: Option<(&'static str, Uuid)>,
    /// What else matters; never a secret, no floating-point numbers.
    pub details: Value,
    /// From where.
    pub from: Origin,
}

/// A break of the chain, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that were looked at.
    pub checked: u64,
    /// The first row that is not what was written, or does not follow the one before it.
    pub first_bad: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log)]
struct Row {
    id: i64,
    user_id: Option<Uuid>,
    action: String,
    outcome: String,
    object_type: Option<String>,
    object_id: Option<String>,
    details: Value,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    created_at: DateTime<Utc>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl Act {
    /// An act of `actor` that was done.
    pub fn done(actor: UserId, action: &'static str, from: Origin) -> Self {
        let outcome = ActOutcome::Done;
        Self { actor: Some(actor), action, outcome, object: None, details: json!({}), from }
    }

    /// An act that was refused.
    pub fn refused(actor: Option<UserId>, action: &'static str, from: Origin) -> Self {
        let outcome = ActOutcome::Refused;
        Self { actor, action, outcome, object: None, details: json!({}), from }
    }

    /// The same, done to `id`.
    #[must_use]
    pub fn to(mut self, kind: &'static str, id: impl Into<Uuid>) -> Self {
        self.object = Some((kind, id.into()));
        self
    }

    /// The same with details.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// Writes `act` in a transaction of its own: for what changes no row, such as a failed login.
pub async fn record(conn: &mut AsyncPgConnection, act: &Act) -> DbResult<()> {
    transact!(conn, |c| { append(c, act).await })
}

/// Writes `act` as the last statements of the act's own transaction.
pub(crate) async fn append(conn: &mut AsyncPgConnection, act: &Act) -> DbResult<()> {
    #[derive(QueryableByName)]
    struct Before {
        #[diesel(sql_type = Timestamptz)]
        now: DateTime<Utc>,
        #[diesel(sql_type = Nullable<Bytea>)]
        hash: Option<Vec<u8>>,
    }
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(advisory::AUDIT)
        .execute(conn)
        .await?;
    // A statement of its own: its snapshot must be younger than the lock.
    let before: Before = diesel::sql_query(
        "SELECT clock_timestamp() AS now, (SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1) AS hash",
    )
    .get_result(conn)
    .await?;
    let mut row = Row {
        id: 0,
        user_id: act.actor.map(|user| user.0),
        action: act.action.to_owned(),
        outcome: if act.outcome == ActOutcome::Done { "ok" } else { "refused" }.to_owned(),
        object_type: act.object.map(|(kind, _)| kind.to_owned()),
        object_id: act.object.map(|(_, id)| id.to_string()),
        details: act.details.clone(),
        ip: act.from.ip.clone(),
        user_agent: act.from.user_agent.as_deref().map(cut),
        request_id: act.from.request_id.clone(),
        created_at: before.now,
        prev_hash: before.hash.unwrap_or_default(),
        hash: vec![],
    };
    row.hash = row.digest();
    insert(conn, row).await
}

/// Reads the whole chain and names the first row that was tampered with.
pub async fn verify(conn: &mut AsyncPgConnection) -> DbResult<Verdict> {
    const BATCH: i64 = 1_000;
    let (mut checked, mut last, mut hash) = (0, 0, Vec::new());
    loop {
        let rows: Vec<Row> = audit_log::table
            .filter(audit_log::id.gt(last))
            .order(audit_log::id)
            .limit(BATCH)
            .select(Row::as_select())
            .load(conn)
            .await?;
        let Some(newest) = rows.last() else { return Ok(Verdict { checked, first_bad: None }) };
        last = newest.id;
        for row in rows {
            checked += 1;
            if row.prev_hash != hash || row.hash != row.digest() {
                return Ok(Verdict { checked, first_bad: Some(row.id) });
            }
            hash = row.hash;
        }
    }
}

impl Row {
    /// SHA-256 over the previous hash and the row as JSON, keys sorted, without its id, which PostgreSQL gives.
    fn digest(&self) -> Vec<u8> {
        let text = json!([
            self.user_id,
            self.action,
            self.outcome,
            self.object_type,
            self.object_id,
            sorted(&self.details),
            self.ip,
            self.user_agent,
            self.request_id,
            self.created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        ]);
        Sha256::new()
            .chain_update(&self.prev_hash)
            .chain_update(text.to_string())
            .finalize()
            .to_vec()
    }
}

async fn insert(conn: &mut AsyncPgConnection, row: Row) -> DbResult<()> {
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::user_id.eq(row.user_id),
            audit_log::action.eq(row.action),
            audit_log::outcome.eq(row.outcome),
            audit_log::object_type.eq(row.object_type),
            audit_log::object_id.eq(row.object_id),
            audit_log::details.eq(row.details),
            audit_log::ip.eq(row.ip),
            audit_log::user_agent.eq(row.user_agent),
            audit_log::request_id.eq(row.request_id),
            audit_log::created_at.eq(row.created_at),
            audit_log::prev_hash.eq(row.prev_hash),
            audit_log::hash.eq(row.hash),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Objects as lists of pairs in the order of their keys: jsonb and serde do not agree on an order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            pairs.into_iter().map(|(key, inner)| json!([key, sorted(inner)])).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        plain => plain.clone(),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(256).collect()
}
