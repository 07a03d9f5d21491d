use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::ProviderId;
use serde_json::json;
use uuid::Uuid;

use super::{Opener, SealError};
use crate::audit::{self, Act, ActOutcome, Origin};
use crate::providers::key_place;
use crate::schema::provider_settings;
use crate::{DbError, DbResult};

/// What one batch of a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Secrets that are now sealed under the active key.
    pub sealed: usize,
    /// How many still are under another.
    pub left: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    sealed: String,
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = BigInt)]
    left: i64,
}

/// Seals at most `limit` secrets anew under the active key, in one transaction. Processes that have both keys read on
/// all the while; a rotation that was broken off goes on where it stopped.
pub async fn rotate_batch(
    conn: &mut AsyncPgConnection,
    opener: &Opener,
    limit: i64,
) -> DbResult<Rotated> {
    let active = opener.0.active().ok_or(SealError::NoMasterKey)?.id().to_owned();
    transact!(conn, |c| {
        let rows = of_others(c, &active, limit).await?;
        for row in &rows {
            let provider = ProviderId(row.id);
            let sealed = opener.seal_anew(&row.sealed, &key_place(&provider.to_string()))?;
            diesel::update(provider_settings::table.find(row.id))
                .set(provider_settings::key_sealed.eq(sealed))
                .execute(c)
                .await?;
        }
        let left: Left = diesel::sql_query(
            "SELECT count(*) AS left FROM provider_settings
              WHERE key_sealed IS NOT NULL AND split_part(key_sealed, '|', 2) <> $1",
        )
        .bind::<Text, _>(&active)
        .get_result(c)
        .await?;
        let rotated = Rotated { sealed: rows.len(), left: left.left };
        if rotated.sealed > 0 {
            audit::append(c, &act(&active, &rotated)).await?;
        }
        Ok::<_, DbError>(rotated)
    })
}

async fn of_others(c: &mut AsyncPgConnection, active: &str, limit: i64) -> DbResult<Vec<Row>> {
    let rows = diesel::sql_query(
        "SELECT id, key_sealed AS sealed FROM provider_settings
          WHERE key_sealed IS NOT NULL AND split_part(key_sealed, '|', 2) <> $1 ORDER BY id LIMIT $2 FOR UPDATE",
    )
    .bind::<Text, _>(active)
    .bind::<BigInt, _>(limit)
    .load(c)
    .await?;
    Ok(rows)
}

fn act(active: &str, rotated: &Rotated) -> Act {
    Act {
        actor: None, // whoever may run it on the machine
        action: "secrets.rotate",
        outcome: ActOutcome::Done,
        object: None,
        details: json!({ "key_id": active, "sealed": rotated.sealed, "left": rotated.left }),
        from: Origin::default(),
    }
}
