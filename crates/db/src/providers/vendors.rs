use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ProviderId, ProviderKind};
use secrecy::SecretString;
use serde_json::json;

use super::change::{NewProvider, ProviderChange, apply, insert, remove};
use super::order::{PreferencesChange, prefer};
use super::row::ProviderRow;
use crate::DbResult;
use crate::audit::{self, Act};
use crate::schema::provider_settings;
use crate::sealed::Sealer;

/// What is to become of the provider that bears the name of its kind.
#[derive(Debug)]
pub struct Vendor {
    /// Which.
    pub kind: ProviderKind,
    /// Where it is; where it stays, if it is there already and this is not `moved`.
    pub base_url: String,
    /// Also one that is there moves to `base_url`.
    pub moved: bool,
    /// Its key, where one was given.
    pub key: Option<SecretString>,
    /// It goes.
    pub remove: bool,
}

/// The short form of the settings: a key for each vendor, and whom to ask first.
#[derive(Debug, Default)]
pub struct VendorsChange {
    /// Those that change.
    pub vendors: Vec<Vendor>,
    /// Whom to ask first.
    pub preferences: PreferencesChange,
}

/// Changes all of it, or nothing: then the answer names a vendor that is configured elsewhere, and is changed there.
pub async fn change_vendors(
    conn: &mut AsyncPgConnection,
    change: &VendorsChange,
    sealer: &Sealer,
    act: &Act,
) -> DbResult<Result<(), ProviderKind>> {
    transact!(conn, |c| {
        for vendor in &change.vendors {
            if there(c, vendor.kind).await?.is_some_and(|row| row.source == "config") {
                return Ok(Err(vendor.kind));
            }
        }
        for vendor in &change.vendors {
            change_vendor(c, vendor, sealer).await?;
        }
        prefer(c, &change.preferences).await?;
        audit::append(c, &act.clone().with(details(change))).await?;
        Ok(Ok(()))
    })
}

async fn change_vendor(
    c: &mut AsyncPgConnection,
    vendor: &Vendor,
    sealer: &Sealer,
) -> DbResult<()> {
    match there(c, vendor.kind).await?.filter(ProviderRow::is_admins) {
        Some(row) if vendor.remove => remove(c, row.id).await,
        Some(row) => {
            let base_url = vendor.moved.then(|| vendor.base_url.clone());
            let key = vendor.key.clone().map(Some);
            let change = ProviderChange { base_url, key, ..ProviderChange::default() };
            apply(c, &row, &change, sealer).await.map(|_row| ())
        }
        None if vendor.remove => Ok(()),
        None => insert(c, &new(vendor), sealer).await.map(|_row| ()),
    }
}

/// The provider that bears the name of its kind.
async fn there(c: &mut AsyncPgConnection, kind: ProviderKind) -> DbResult<Option<ProviderRow>> {
    let row = provider_settings::table
        .filter(provider_settings::name.eq(kind.as_str()))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(super::row::there!()))
        .select(ProviderRow::as_select())
        .for_update()
        .first(c)
        .await
        .optional()?;
    Ok(row)
}

fn details(change: &VendorsChange) -> serde_json::Value {
    let named = |remove: bool| -> Vec<_> {
        let of = change.vendors.iter().filter(|vendor| vendor.remove == remove);
        of.map(|vendor| vendor.kind).collect()
    };
    let wish = &change.preferences;
    json!({
        "set": named(false), "removed": named(true), "default_provider": wish.default_provider,
        "default_model": wish.default_model, "fallback_order": wish.fallback_order,
    })
}

fn new(vendor: &Vendor) -> NewProvider {
    NewProvider {
        id: ProviderId::new(),
        kind: vendor.kind,
        name: vendor.kind.to_string(),
        base_url: vendor.base_url.clone(),
        key: vendor.key.clone(),
        models: json!([]),
        limits: json!({}),
        self_hosted: vendor.kind == ProviderKind::Ollama,
        priority: 100,
        enabled: true,
    }
}
