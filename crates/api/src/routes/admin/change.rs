use actix_web::web::Data;
use actix_web::{delete, put};
use ninja_db::providers::{self, Changed, ProviderChange};
use ninja_types::ProviderId;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{ProviderLimits, ProviderModel, address, checked_key, column};
use super::view::ProviderView;
use super::{read_only, refused, tell};
use crate::answer::{Found, NoContent};
use crate::app::App;
use crate::caller::{AdminWrite, Caller};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Valid, given};
use crate::problem::Problem;

/// What changes of a provider. Left out: stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
pub(crate) struct ChangeProvider {
    /// Another address clears the key, unless it comes with one: a key must not travel to another host.
    #[schema(max_length = 2_000)]
    base_url: Option<String>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password, max_length = 4_096)]
    key: Option<Option<SecretString>>,
    #[schema(max_items = 200)]
    models: Option<Vec<ProviderModel>>,
    limits: Option<ProviderLimits>,
    self_hosted: Option<bool>,
    #[schema(minimum = 0, maximum = 100_000)]
    priority: Option<i32>,
    enabled: Option<bool>,
}

/// Change a provider of models
///
/// Enable, disable, order, limit, move it, or give it another key. Workers act on it within two seconds.
#[utoipa::path(operation_id = "changeProvider", tag = "admin", security(("bearer" = ["admin:write"])),
    params(("id" = uuid::Uuid, Path, description = "The provider")),
    request_body = ChangeProvider, responses(
        (status = 200, body = ProviderView),
        (status = 409, body = Problem, description = "`set_by_configuration`; `no_master_key`: no secret can be stored"),
    ))]
#[put("/admin/providers/{id}")]
#[tracing::instrument(name = "api.admin.change_provider", skip_all, fields(user_id = %caller.id, provider_id = %id))]
pub(crate) async fn change(
    app: Data<App>,
    caller: Caller<AdminWrite>,
    Id(id): Id<ProviderId>,
    Valid(body): Valid<ChangeProvider>,
) -> ApiResult<Found<ProviderView>> {
    let key = match body.key {
        Some(Some(key)) => Some(Some(checked_key("/key", key)?)),
        other => other,
    };
    let wish = ProviderChange {
        base_url: body.base_url.map(|text| address("/base_url", &text)).transpose()?,
        key,
        models: body.models.as_ref().map(column),
        limits: body.limits.as_ref().map(column),
        self_hosted: body.self_hosted,
        priority: body.priority,
        enabled: body.enabled,
    };
    let act = caller.act("provider.change");
    let changed = providers::change(&mut *app.conn().await?, id, &wish, &app.sealer, &act).await;
    let row = done(changed.map_err(refused)?)?;
    tell(&app);
    Ok(Found(ProviderView::of(row)?))
}

/// Remove a provider of models
///
/// Its key goes with it. Calls under way end as they began.
#[utoipa::path(operation_id = "deleteProvider", tag = "admin", security(("bearer" = ["admin:write"])),
    params(("id" = uuid::Uuid, Path, description = "The provider")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, body = Problem, description = "`set_by_configuration`"),
    ))]
#[delete("/admin/providers/{id}")]
#[tracing::instrument(name = "api.admin.delete_provider", skip_all, fields(user_id = %caller.id, provider_id = %id))]
pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller<AdminWrite>,
    Id(id): Id<ProviderId>,
) -> ApiResult<NoContent> {
    let act = caller.act("provider.delete");
    done(providers::delete(&mut *app.conn().await?, id, &act).await?)?;
    tell(&app);
    Ok(NoContent)
}

fn done<T>(changed: Changed<T>) -> ApiResult<T> {
    match changed {
        Changed::Done(value) => Ok(value),
        Changed::ReadOnly => Err(read_only()),
        Changed::Gone => Err(ApiError::not_found()),
    }
}
