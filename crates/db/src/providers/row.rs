use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ProviderId, ProviderKind};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use crate::DbResult;
use crate::schema::provider_settings;
use crate::sealed::{Opener, Place, SealError};

/// SQL: an admin's row, or one that a worker still speaks of.
macro_rules! there {
    () => {
        "(source = 'database' OR seen_at > now() - interval '3 minutes')"
    };
}
pub(super) use there;

/// A provider as it is configured. Its key stays sealed.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = provider_settings)]
pub struct ProviderRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: ProviderId,
    kind: String,
    /// As `provider/model` names it.
    pub name: String,
    /// Where it is, with a slash at the end.
    pub base_url: String,
    pub(crate) key_sealed: Option<String>,
    /// The end of its key.
    pub key_last4: Option<String>,
    /// What is known of its models.
    pub models: Value,
    /// What its key may do in a minute.
    pub limits: Value,
    /// Its calls cost nothing.
    pub self_hosted: bool,
    /// Lower comes first.
    pub priority: i32,
    /// It may be asked.
    pub enabled: bool,
    /// `config`, `database`, `discovered`.
    pub source: String,
    /// When a worker last spoke of it; `None`: an admin's.
    pub seen_at: Option<DateTime<Utc>>,
    /// What came of its last test.
    pub last_test: Option<Value>,
    /// When it was configured.
    pub created_at: DateTime<Utc>,
    /// Its last change.
    pub updated_at: DateTime<Utc>,
}

impl ProviderRow {
    /// Its wire format.
    pub fn kind(&self) -> DbResult<ProviderKind> {
        Ok(self.kind.parse()?)
    }

    /// Whether a key is stored.
    pub fn has_key(&self) -> bool {
        self.key_sealed.is_some()
    }

    /// Whether an admin made it, and may change it.
    pub fn is_admins(&self) -> bool {
        self.source == "database"
    }

    /// Its key; `None`: it has none.
    pub fn open_key(&self, opener: &Opener) -> Result<Option<SecretString>, SealError> {
        let place = self.id.to_string();
        let sealed = self.key_sealed.as_deref();
        sealed.map(|sealed| opener.open(sealed, &key_place(&place))).transpose()
    }
}

/// Where the key of the provider with this id stands.
pub(crate) fn key_place(id: &str) -> Place<'_> {
    Place { table: "provider_settings", row: id, owner: None, name: "key" }
}

/// All that are there, in their order.
pub async fn list(conn: &mut AsyncPgConnection) -> DbResult<Vec<ProviderRow>> {
    let there = diesel::dsl::sql::<diesel::sql_types::Bool>(there!());
    let rows = provider_settings::table
        .filter(there)
        .order((provider_settings::priority, provider_settings::name))
        .select(ProviderRow::as_select())
        .load(conn)
        .await?;
    Ok(rows)
}

/// The one with this id, if it is there.
pub async fn find(conn: &mut AsyncPgConnection, id: ProviderId) -> DbResult<Option<ProviderRow>> {
    let there = diesel::dsl::sql::<diesel::sql_types::Bool>(there!());
    let row = provider_settings::table
        .filter(provider_settings::id.eq(id.0))
        .filter(there)
        .select(ProviderRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row)
}
