use actix_web::get;
use actix_web::web::Data;
use ninja_db::providers;
use ninja_types::ProviderKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::list::{names, settings};
use crate::answer::List;
use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::ApiResult;

/// A provider of models, as everybody sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderSummary {
    /// Its kind; for a compatible one the name that it was given.
    provider: String,
    #[schema(value_type = String)]
    kind: ProviderKind,
    /// It may be asked.
    configured: bool,
    /// How many models of it are known.
    models: usize,
}

/// List the providers of models
///
/// Every kind that this version speaks to, and whether somebody configured it.
#[utoipa::path(operation_id = "listProviders", tag = "models", security(("bearer" = [])), responses(
    (status = 200, body = List<ProviderSummary>),
))]
#[get("/providers")]
#[tracing::instrument(name = "api.models.providers", skip_all)]
pub(crate) async fn list(
    app: Data<App>,
    _caller: Caller<AnyIdentity>,
) -> ApiResult<List<ProviderSummary>> {
    let rows = providers::list(&mut *app.conn().await?).await?;
    let mut all = Vec::new();
    for row in rows {
        let (kind, configured) = (row.kind()?, row.enabled);
        let settings = settings(row)?;
        let models = names(&app, &settings).len();
        all.push(ProviderSummary { provider: settings.name, kind, configured, models });
    }
    for kind in ProviderKind::ALL.iter().filter(|kind| **kind != ProviderKind::Compatible) {
        if !all.iter().any(|one| one.provider == kind.as_str()) {
            let provider = kind.to_string();
            all.push(ProviderSummary { provider, kind: *kind, configured: false, models: 0 });
        }
    }
    Ok(List::full(all))
}
