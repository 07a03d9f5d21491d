use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ProviderId, ProviderKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::row::{ProviderRow, key_place};
use crate::DbResult;
use crate::audit::{self, Act};
use crate::schema::provider_settings;
use crate::sealed::{Sealer, vouch};

/// A key shorter than this shows no end: it would show too much of it.
const SHOWS_ITS_END: usize = 12;

/// A provider to be.
#[derive(Debug)]
pub struct NewProvider {
    /// Its id.
    pub id: ProviderId,
    /// Its wire format.
    pub kind: ProviderKind,
    /// As `provider/model` names it.
    pub name: String,
    /// With a slash at the end.
    pub base_url: String,
    /// `None`: the server asks for none.
    pub key: Option<SecretString>,
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
}

/// What changes of a provider: `None` stays.
#[derive(Debug, Default)]
pub struct ProviderChange {
    /// Elsewhere. Without a new key this clears the old one: it must not travel to another host.
    pub base_url: Option<String>,
    /// `Some(None)` removes it.
    pub key: Option<Option<SecretString>>,
    /// What is known of its models.
    pub models: Option<Value>,
    /// What its key may do in a minute.
    pub limits: Option<Value>,
    /// Its calls cost nothing.
    pub self_hosted: Option<bool>,
    /// Lower comes first.
    pub priority: Option<i32>,
    /// It may be asked.
    pub enabled: Option<bool>,
}

/// What came of a change.
#[derive(Debug)]
pub enum Changed<T> {
    /// It is so now.
    Done(T),
    /// A worker says it of its own configuration: it is changed there.
    ReadOnly,
    /// There is no such provider.
    Gone,
}

#[derive(AsChangeset)]
#[diesel(table_name = provider_settings)]
#[expect(clippy::option_option, reason = "left alone, emptied and set are three things")]
struct Columns {
    base_url: Option<String>,
    key_sealed: Option<Option<String>>,
    key_last4: Option<Option<String>>,
    models: Option<Value>,
    limits: Option<Value>,
    self_hosted: Option<bool>,
    priority: Option<i32>,
    enabled: Option<bool>,
}

/// Stores a provider. `Unique` names `provider_settings_name`. One that was only found makes room.
pub async fn create(
    conn: &mut AsyncPgConnection,
    new: &NewProvider,
    sealer: &Sealer,
    act: &Act,
) -> DbResult<ProviderRow> {
    transact!(conn, |c| {
        let row = insert(c, new, sealer).await?;
        let details = json!({ "kind": new.kind, "name": new.name, "key": new.key.is_some() });
        audit::append(c, &act.clone().to("provider", new.id.0).with(details)).await?;
        Ok(row)
    })
}

/// Changes a provider.
pub async fn change(
    conn: &mut AsyncPgConnection,
    id: ProviderId,
    change: &ProviderChange,
    sealer: &Sealer,
    act: &Act,
) -> DbResult<Changed<ProviderRow>> {
    transact!(conn, |c| {
        let before = match lock(c, id).await? {
            Changed::Done(row) => row,
            Changed::ReadOnly => return Ok(Changed::ReadOnly),
            Changed::Gone => return Ok(Changed::Gone),
        };
        let row = apply(c, &before, change, sealer).await?;
        let details = json!({
            "name": row.name, "base_url": change.base_url, "enabled": change.enabled, "priority": change.priority,
            "models": change.models.is_some(), "limits": change.limits.is_some(),
            "key": key_word(&before, &row, change),
        });
        audit::append(c, &act.clone().to("provider", id.0).with(details)).await?;
        Ok(Changed::Done(row))
    })
}

/// Removes a provider and its key.
pub async fn delete(
    conn: &mut AsyncPgConnection,
    id: ProviderId,
    act: &Act,
) -> DbResult<Changed<()>> {
    transact!(conn, |c| {
        let before = match lock(c, id).await? {
            Changed::Done(row) => row,
            Changed::ReadOnly => return Ok(Changed::ReadOnly),
            Changed::Gone => return Ok(Changed::Gone),
        };
        remove(c, id).await?;
        let details = json!({ "name": before.name });
        audit::append(c, &act.clone().to("provider", id.0).with(details)).await?;
        Ok(Changed::Done(()))
    })
}

pub(super) async fn insert(
    c: &mut AsyncPgConnection,
    new: &NewProvider,
    sealer: &Sealer,
) -> DbResult<ProviderRow> {
    let found = provider_settings::name.eq(&new.name).and(provider_settings::source.ne("database"));
    let stale = diesel::dsl::sql::<diesel::sql_types::Bool>(
        "(source = 'discovered' OR seen_at < now() - interval '3 minutes')",
    );
    diesel::delete(provider_settings::table.filter(found).filter(stale)).execute(c).await?;
    let (key_sealed, last4) = seal(c, new.id, new.key.as_ref(), sealer).await?;
    let row = diesel::insert_into(provider_settings::table)
        .values((
            provider_settings::id.eq(new.id.0),
            provider_settings::kind.eq(new.kind.as_str()),
            provider_settings::name.eq(&new.name),
            provider_settings::base_url.eq(&new.base_url),
            provider_settings::key_sealed.eq(key_sealed),
            provider_settings::key_last4.eq(last4),
            provider_settings::models.eq(&new.models),
            provider_settings::limits.eq(&new.limits),
            provider_settings::self_hosted.eq(new.self_hosted),
            provider_settings::priority.eq(new.priority),
            provider_settings::enabled.eq(new.enabled),
            provider_settings::source.eq("database"),
        ))
        .returning(ProviderRow::as_returning())
        .get_result(c)
        .await?;
    Ok(row)
}

pub(super) async fn apply(
    c: &mut AsyncPgConnection,
    before: &ProviderRow,
    change: &ProviderChange,
    sealer: &Sealer,
) -> DbResult<ProviderRow> {
    let moves = change.base_url.as_ref().is_some_and(|url| *url != before.base_url);
    let (key_sealed, key_last4) = match &change.key {
        Some(key) => {
            let (key_sealed, last4) = seal(c, before.id, key.as_ref(), sealer).await?;
            (Some(key_sealed), Some(last4))
        }
        None if moves => (Some(None), Some(None)),
        None => (None, None),
    };
    let columns = Columns {
        base_url: change.base_url.clone(),
        key_sealed,
        key_last4,
        models: change.models.clone(),
        limits: change.limits.clone(),
        self_hosted: change.self_hosted,
        priority: change.priority,
        enabled: change.enabled,
    };
    let row = diesel::update(provider_settings::table.find(before.id.0))
        .set((columns, provider_settings::updated_at.eq(diesel::dsl::now)))
        .returning(ProviderRow::as_returning())
        .get_result(c)
        .await?;
    Ok(row)
}

pub(super) async fn remove(c: &mut AsyncPgConnection, id: ProviderId) -> DbResult<()> {
    use crate::schema::jobs;
    let tests = jobs::kind.eq("test_provider").and(jobs::subject_id.eq(id.0));
    diesel::delete(jobs::table.filter(tests).filter(jobs::state.eq("ready"))).execute(c).await?;
    diesel::delete(provider_settings::table.find(id.0)).execute(c).await?;
    Ok(())
}

async fn lock(c: &mut AsyncPgConnection, id: ProviderId) -> DbResult<Changed<ProviderRow>> {
    let row = provider_settings::table
        .find(id.0)
        .select(ProviderRow::as_select())
        .for_update()
        .first::<ProviderRow>(c)
        .await
        .optional()?;
    Ok(match row {
        None => Changed::Gone,
        Some(row) if row.is_admins() => Changed::Done(row),
        Some(_) => Changed::ReadOnly,
    })
}

/// The key, sealed for its row, and its end.
async fn seal(
    c: &mut AsyncPgConnection,
    id: ProviderId,
    key: Option<&SecretString>,
    sealer: &Sealer,
) -> DbResult<(Option<String>, Option<String>)> {
    let Some(key) = key else { return Ok((None, None)) };
    vouch(c, sealer).await?;
    let key_sealed = sealer.seal(key, &key_place(&id.to_string()))?;
    let text = key.expose_secret();
    let long = text.chars().count() >= SHOWS_ITS_END;
    let last4: String = text.chars().rev().take(4).collect();
    let last4 = if long { last4.chars().rev().collect() } else { String::new() };
    Ok((Some(key_sealed), Some(last4)))
}

/// What became of the key, for the audit row.
fn key_word(before: &ProviderRow, after: &ProviderRow, change: &ProviderChange) -> &'static str {
    match (&change.key, before.has_key(), after.has_key()) {
        (Some(Some(_)), ..) => "set",
        (_, true, false) => "cleared",
        _ => "kept",
    }
}
