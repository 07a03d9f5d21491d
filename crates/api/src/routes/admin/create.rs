use actix_web::post;
use actix_web::web::Data;
use ninja_db::providers::{self, NewProvider};
use ninja_llm::{Need, kind_info};
use ninja_types::{ProviderId, ProviderKind};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{ProviderLimits, ProviderModel, address, checked_key, column, usual_address};
use super::view::ProviderView;
use super::{refused, tell};
use crate::answer::Created;
use crate::app::App;
use crate::caller::{AdminWrite, Caller};
use crate::error::{ApiError, ApiResult};
use crate::extract::Valid;
use crate::problem::{FieldCode, Problem};

/// A provider to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateProvider {
    #[schema(value_type = String, pattern = "^(openai|anthropic|google|deepseek|ollama|compatible)$")]
    kind: ProviderKind,
    /// As `provider/model` will name it. Only a `compatible` one has a name of its own, and must have one.
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{0,62}$")]
    name: Option<String>,
    /// Left out: the vendor's own. A private address is fine, a link-local one is refused.
    #[schema(max_length = 2_000, example = "https://api.openai.com/v1/")]
    base_url: Option<String>,
    /// Sealed at once, and never shown again.
    #[schema(value_type = Option<String>, format = Password, max_length = 4_096)]
    key: Option<SecretString>,
    #[serde(default)]
    #[schema(max_items = 200)]
    models: Vec<ProviderModel>,
    #[serde(default)]
    limits: ProviderLimits,
    /// Its calls cost nothing. Left out: so with Ollama only.
    self_hosted: Option<bool>,
    /// Lower comes first. Left out: 100.
    #[schema(minimum = 0, maximum = 100_000)]
    priority: Option<i32>,
    /// Left out: yes.
    enabled: Option<bool>,
}

/// Add a provider of models
///
/// Its key is sealed for its row before it is stored; workers use it within two seconds.
#[utoipa::path(operation_id = "createProvider", tag = "admin", security(("bearer" = ["admin:write"])),
    request_body = CreateProvider, responses(
        (status = 201, body = ProviderView, headers(("Location" = String, description = "Where it is"))),
        (status = 409, body = Problem, description = "`name_taken`; `no_master_key`: no secret can be stored"),
    ))]
#[post("/admin/providers")]
#[tracing::instrument(name = "api.admin.create_provider", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn create(
    app: Data<App>,
    caller: Caller<AdminWrite>,
    Valid(body): Valid<CreateProvider>,
) -> ApiResult<Created> {
    let new = provider(body)?;
    let act = caller.act("provider.create");
    let row = providers::create(&mut *app.conn().await?, &new, &app.sealer, &act).await;
    let row = row.map_err(refused)?;
    tell(&app);
    let location = format!("/api/v1/admin/providers/{}", row.id);
    Ok(Created::now(Created::answer(location, &ProviderView::of(row)?)))
}

fn provider(body: CreateProvider) -> ApiResult<NewProvider> {
    let kind = body.kind;
    let base_url = match body.base_url {
        Some(text) => address("/base_url", &text)?,
        None => usual_address(kind).ok_or_else(|| {
            let message = "must be given: this kind has no address of its own";
            ApiError::field("/base_url", FieldCode::Required, message)
        })?,
    };
    Ok(NewProvider {
        id: ProviderId::new(),
        kind,
        name: name(kind, body.name)?,
        base_url,
        key: body.key.map(|key| checked_key("/key", key)).transpose()?,
        models: column(&body.models),
        limits: column(&body.limits),
        self_hosted: body.self_hosted.unwrap_or(kind == ProviderKind::Ollama),
        priority: body.priority.unwrap_or(100),
        enabled: body.enabled.unwrap_or(true),
    })
}

/// The name of the kind, or its own where it may have one.
fn name(kind: ProviderKind, given: Option<String>) -> ApiResult<String> {
    let of_kind = ProviderKind::ALL.iter().find(|kind| given.as_deref() == Some(kind.as_str()));
    match (kind_info(kind).name, given) {
        (Need::Required, Some(_)) if of_kind.is_some_and(|other| *other != kind) => {
            let message = "must not be the name of a kind";
            Err(ApiError::field("/name", FieldCode::NotAvailable, message))
        }
        (Need::Required | Need::Optional, Some(name)) => Ok(name),
        (Need::Required, None) => {
            let message = "must be given: there may be many of this kind";
            Err(ApiError::field("/name", FieldCode::Required, message))
        }
        (_, Some(_)) if of_kind != Some(&kind) => {
            let message = "must be left out: this kind is called by its own name";
            Err(ApiError::field("/name", FieldCode::NotAvailable, message))
        }
        _ => Ok(kind.to_string()),
    }
}
