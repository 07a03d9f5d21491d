use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::ExposeSecret;

use super::ring::{MasterKey, Ring};
use super::{Place, SealError, Sealer, open, seal};
use crate::schema::sealing_keys;
use crate::{DbError, DbResult};

/// What every master key seals of itself. No secret: who can open it has the key.
const KNOWN: &str = "this is the master key";

/// Refuses keys that are not those of before, and a missing key under which secrets are stored. A process asks this when
/// it starts. Without any master key nothing is refused: the secrets are out of reach, everything else works.
pub(super) async fn check(conn: &mut AsyncPgConnection, ring: &Ring) -> DbResult<()> {
    if ring.active().is_none() {
        return Ok(());
    }
    for key in ring.keys() {
        known(conn, key).await?;
    }
    match used(conn).await?.into_iter().find(|id| ring.find(id).is_none()) {
        Some(missing) => Err(SealError::UnknownKey(missing).into()),
        None => Ok(()),
    }
}

/// The same for the key that seals, in the transaction that stores what it sealed.
pub(crate) async fn vouch(c: &mut AsyncPgConnection, sealer: &Sealer) -> DbResult<()> {
    let key = sealer.0.active().ok_or(SealError::NoMasterKey)?;
    known(c, key).await
}

/// The key is the one that had its id before. A key that was never seen is written down.
async fn known(c: &mut AsyncPgConnection, key: &MasterKey) -> DbResult<()> {
    let place = Place { table: "sealing_keys", row: key.id(), owner: None, name: "check_value" };
    let only = Ring::only(key);
    let fresh = seal(&only, &KNOWN.into(), &place)?;
    diesel::insert_into(sealing_keys::table)
        .values((sealing_keys::id.eq(key.id()), sealing_keys::check_value.eq(fresh)))
        .on_conflict_do_nothing()
        .execute(c)
        .await?;
    let stored: String =
        sealing_keys::table.find(key.id()).select(sealing_keys::check_value).first(c).await?;
    match open(&only, &stored, &place) {
        Ok(text) if text.expose_secret() == KNOWN => Ok(()),
        _ => Err(DbError::Sealed(SealError::WrongKey(key.id().to_owned()))),
    }
}

/// Ids of the keys under which anything is sealed.
async fn used(c: &mut AsyncPgConnection) -> DbResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = Text)]
        id: String,
    }
    let ids: Vec<Id> = diesel::sql_query(
        "SELECT DISTINCT split_part(key_sealed, '|', 2) AS id FROM provider_settings WHERE key_sealed IS NOT NULL",
    )
    .load(c)
    .await?;
    Ok(ids.into_iter().map(|id| id.id).collect())
}
