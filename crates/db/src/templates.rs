//! Templates: named defaults for a task. The built-in ones come with the migrations and belong to nobody.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{TaskType, TemplateId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::DbResult;
use crate::schema::templates;

/// A template as a user sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = templates)]
pub struct TemplateRow {
    /// Its id.
    #[diesel(deserialize_as = Uuid)]
    pub id: TemplateId,
    /// Whose it is; `None`: built in.
    pub user_id: Option<Uuid>,
    /// For lists.
    pub name: String,
    /// What its tasks do.
    pub description: String,
    /// The type of its tasks.
    #[diesel(deserialize_as = String)]
    pub task_type: TaskType,
    /// Parameters that a request need not give.
    pub parameters: Value,
}

/// The built-in templates, then the user's own.
pub async fn list(conn: &mut AsyncPgConnection, user: UserId) -> DbResult<Vec<TemplateRow>> {
    Ok(templates::table
        .filter(templates::user_id.is_null().or(templates::user_id.eq(user.0)))
        .order((templates::user_id.is_not_null(), templates::id))
        .select(TemplateRow::as_select())
        .load(conn)
        .await?)
}

/// One template, if it is built in or the user's own.
pub async fn find(
    conn: &mut AsyncPgConnection,
    user: UserId,
    template: TemplateId,
) -> DbResult<Option<TemplateRow>> {
    Ok(templates::table
        .find(template.0)
        .filter(templates::user_id.is_null().or(templates::user_id.eq(user.0)))
        .select(TemplateRow::as_select())
        .get_result(conn)
        .await
        .optional()?)
}
