use actix_web::post;
use actix_web::web::Data;
use ninja_db::providers::{self, PreferencesChange, Vendor, VendorsChange};
use ninja_llm::ModelRef;
use ninja_types::ProviderKind;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{address, checked_key, usual_address};
use super::settings::{ProviderSettingsView, look};
use super::{read_only, refused, tell};
use crate::answer::Found;
use crate::app::App;
use crate::caller::{AdminWrite, Caller};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Valid, given};
use crate::problem::{FieldCode, Problem};

type Given<T> = Option<Option<T>>;

/// What changes of the settings. Left out: stays; null: removed, and with a key its provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeProviderSettings {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password, max_length = 4_096)]
    openai_api_key: Given<SecretString>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password, max_length = 4_096)]
    anthropic_api_key: Given<SecretString>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password, max_length = 4_096)]
    google_api_key: Given<SecretString>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Password, max_length = 4_096)]
    deepseek_api_key: Given<SecretString>,
    /// Where an Ollama server is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    ollama_base_url: Given<String>,
    /// Name of the provider that comes first.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9][a-z0-9._-]{0,62}$")]
    default_provider: Given<String>,
    /// `provider/model` that comes first.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 300, example = "openai/gpt-5.4")]
    default_model: Given<String>,
    /// Names of providers, the first choice first; null: none is wished.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    fallback_order: Given<Vec<String>>,
}

/// Change the settings of the providers of models
///
/// All of it or nothing. A key is sealed before it is stored, and is never shown again.
#[utoipa::path(operation_id = "changeProviderSettings", tag = "admin", security(("bearer" = ["admin:write"])),
    request_body = ChangeProviderSettings, responses(
        (status = 200, body = ProviderSettingsView),
        (status = 409, body = Problem, description = "`set_by_configuration`; `no_master_key`: no secret can be stored"),
    ))]
#[post("/admin/settings/ai-providers")]
#[tracing::instrument(name = "api.admin.change_provider_settings", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn set(
    app: Data<App>,
    caller: Caller<AdminWrite>,
    Valid(body): Valid<ChangeProviderSettings>,
) -> ApiResult<Found<ProviderSettingsView>> {
    let change = read(body)?;
    let act = caller.act("provider.settings");
    let conn = &mut *app.conn().await?;
    let changed = providers::change_vendors(conn, &change, &app.sealer, &act).await;
    changed.map_err(refused)?.map_err(|_vendor| read_only())?;
    tell(&app);
    look(&app).await.map(Found)
}

fn read(body: ChangeProviderSettings) -> ApiResult<VendorsChange> {
    use ProviderKind::{Anthropic, DeepSeek, Google, OpenAi};
    let keys = [
        (OpenAi, "/openai_api_key", body.openai_api_key),
        (Anthropic, "/anthropic_api_key", body.anthropic_api_key),
        (Google, "/google_api_key", body.google_api_key),
        (DeepSeek, "/deepseek_api_key", body.deepseek_api_key),
    ];
    let mut vendors = Vec::new();
    for (kind, field, key) in keys {
        let Some(key) = key else { continue };
        let (remove, moved) = (key.is_none(), false);
        let key = key.map(|key| checked_key(field, key)).transpose()?;
        let base_url = usual_address(kind).unwrap_or_default();
        vendors.push(Vendor { kind, base_url, moved, key, remove });
    }
    if let Some(url) = body.ollama_base_url {
        let remove = url.is_none();
        let url = url.map(|text| address("/ollama_base_url", &text)).transpose()?;
        let (kind, base_url) = (ProviderKind::Ollama, url.unwrap_or_default());
        vendors.push(Vendor { kind, base_url, moved: true, key: None, remove });
    }
    if let Some(Some(model)) = &body.default_model
        && model.parse::<ModelRef>().is_err()
    {
        let message = "must be `provider/model`, such as `openai/gpt-5.4`";
        return Err(ApiError::field("/default_model", FieldCode::Pattern, message));
    }
    let preferences = PreferencesChange {
        default_provider: body.default_provider,
        default_model: body.default_model,
        fallback_order: body.fallback_order.map(Option::unwrap_or_default),
    };
    Ok(VendorsChange { vendors, preferences })
}
