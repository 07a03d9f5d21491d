use actix_web::get;
use actix_web::web::Data;
use ninja_db::providers::{self, ProviderRow};
use ninja_types::ProviderKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Found;
use crate::app::App;
use crate::caller::{AdminRead, Caller};
use crate::error::ApiResult;

/// The providers of models in short, and whom to ask first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderSettingsView {
    /// One for each kind, and each compatible one by its name.
    providers: Vec<VendorView>,
    /// Name of the provider that comes first.
    #[schema(required)]
    default_provider: Option<String>,
    /// `provider/model` that comes first.
    #[schema(required)]
    default_model: Option<String>,
    /// The order in which providers are asked; what is not named comes behind.
    fallback_order: Vec<String>,
}

/// One provider, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorView {
    provider: String,
    configured: bool,
    /// The end of its key.
    #[schema(required)]
    key_last4: Option<String>,
    #[schema(required)]
    base_url: Option<String>,
    /// `config`, `database` or `discovered`; null where nothing is configured.
    #[schema(required)]
    source: Option<String>,
}

/// Get the settings of the providers of models
#[utoipa::path(operation_id = "getProviderSettings", tag = "admin", security(("bearer" = ["admin:read"])), responses(
    (status = 200, body = ProviderSettingsView),
))]
#[get("/admin/settings/ai-providers")]
#[tracing::instrument(name = "api.admin.get_provider_settings", skip_all)]
pub(crate) async fn get(
    app: Data<App>,
    _caller: Caller<AdminRead>,
) -> ApiResult<Found<ProviderSettingsView>> {
    look(&app).await.map(Found)
}

/// The settings as they are.
pub(super) async fn look(app: &App) -> ApiResult<ProviderSettingsView> {
    let conn = &mut *app.conn().await?;
    let (rows, wish) = (providers::list(conn).await?, providers::preferences(conn).await?);
    let named = ProviderKind::ALL.iter().filter(|kind| **kind != ProviderKind::Compatible);
    let of_kind = |kind: &ProviderKind| {
        let row = rows.iter().find(|row| row.name == kind.as_str());
        row.map_or_else(|| VendorView::none(*kind), VendorView::of)
    };
    let mut all: Vec<VendorView> = named.map(of_kind).collect();
    let others = |row: &&ProviderRow| !all.iter().any(|vendor| vendor.provider == row.name);
    let others: Vec<_> = rows.iter().filter(others).map(VendorView::of).collect();
    all.extend(others);
    Ok(ProviderSettingsView {
        providers: all,
        default_provider: wish.default_provider,
        default_model: wish.default_model,
        fallback_order: wish.fallback_order,
    })
}

impl VendorView {
    fn of(row: &ProviderRow) -> Self {
        Self {
            provider: row.name.clone(),
            configured: true,
            key_last4: row.key_last4.clone(),
            base_url: Some(row.base_url.clone()),
            source: Some(row.source.clone()),
        }
    }

    fn none(kind: ProviderKind) -> Self {
        let provider = kind.to_string();
        Self { provider, configured: false, key_last4: None, base_url: None, source: None }
    }
}
