use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::DbResult;
use crate::schema::model_preferences;

/// Whom to ask first where a task does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = model_preferences)]
pub struct Preferences {
    /// Name of the provider that comes first.
    pub default_provider: Option<String>,
    /// `provider/model` that comes first.
    pub default_model: Option<String>,
    /// Names of providers in the order in which they are asked; those that are not named come behind.
    pub fallback_order: Vec<String>,
}

/// What changes of it: `None` stays.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = model_preferences)]
pub struct PreferencesChange {
    /// `Some(None)` removes it.
    pub default_provider: Option<Option<String>>,
    /// `Some(None)` removes it.
    pub default_model: Option<Option<String>>,
    /// The whole list.
    pub fallback_order: Option<Vec<String>>,
}

impl PreferencesChange {
    /// Nothing of it changes.
    pub(super) fn is_empty(&self) -> bool {
        self.default_provider.is_none()
            && self.default_model.is_none()
            && self.fallback_order.is_none()
    }
}

/// As they are.
pub async fn preferences(conn: &mut AsyncPgConnection) -> DbResult<Preferences> {
    let row = model_preferences::table.select(Preferences::as_select()).first(conn).await;
    Ok(row.optional()?.unwrap_or_default())
}

pub(super) async fn prefer(c: &mut AsyncPgConnection, change: &PreferencesChange) -> DbResult<()> {
    if !change.is_empty() {
        diesel::update(model_preferences::table).set(change).execute(c).await?;
    }
    Ok(())
}
