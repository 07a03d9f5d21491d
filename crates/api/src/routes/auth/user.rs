use ninja_db::DbResult;
use ninja_db::users::UserRow;
use ninja_types::Time;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) username: Option<String>,
    pub(crate) full_name: Option<String>,
    /// `user`, `premium` or `admin`.
    pub(crate) role: &'static str,
    pub(crate) is_active: bool,
    /// The model that is asked first; null for the configured order.
    pub(crate) default_model: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) updated_at: Time,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_login_at: Option<Time>,
}

impl UserView {
    pub(crate) fn of(row: UserRow) -> DbResult<Self> {
        Ok(Self {
            id: row.id.0,
            role: row.role()?.as_str(),
            email: row.email,
            username: row.username,
            full_name: row.full_name,
            is_active: row.is_active,
            default_model: row.default_model,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            last_login_at: row.last_login_at.map(Time::from),
        })
    }
}
