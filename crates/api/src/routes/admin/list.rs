use actix_web::get;
use actix_web::web::Data;
use ninja_db::providers;
use ninja_types::ProviderId;

use super::view::ProviderView;
use crate::answer::{Found, List};
use crate::app::App;
use crate::caller::{AdminRead, Caller};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// List the providers of models
///
/// Those of administrators, and those that live workers are configured with or found; in the order in which they are
/// asked.
#[utoipa::path(operation_id = "listAdminProviders", tag = "admin", security(("bearer" = ["admin:read"])), responses(
    (status = 200, body = List<ProviderView>),
))]
#[get("/admin/providers")]
#[tracing::instrument(name = "api.admin.list_providers", skip_all)]
pub(crate) async fn list(
    app: Data<App>,
    _caller: Caller<AdminRead>,
) -> ApiResult<List<ProviderView>> {
    let rows = providers::list(&mut *app.conn().await?).await?;
    Ok(List::full(rows.into_iter().map(ProviderView::of).collect::<ApiResult<_>>()?))
}

/// Get a provider of models
#[utoipa::path(operation_id = "getAdminProvider", tag = "admin", security(("bearer" = ["admin:read"])),
    params(("id" = uuid::Uuid, Path, description = "The provider")),
    responses((status = 200, body = ProviderView)))]
#[get("/admin/providers/{id}")]
#[tracing::instrument(name = "api.admin.get_provider", skip_all, fields(provider_id = %id))]
pub(crate) async fn get(
    app: Data<App>,
    _caller: Caller<AdminRead>,
    Id(id): Id<ProviderId>,
) -> ApiResult<Found<ProviderView>> {
    let row = providers::find(&mut *app.conn().await?, id).await?;
    Ok(Found(ProviderView::of(row.ok_or_else(ApiError::not_found)?)?))
}
