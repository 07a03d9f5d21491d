use std::collections::BTreeSet;

use actix_web::get;
use actix_web::web::Data;
use ninja_db::providers::{self, ProviderRow};
use ninja_llm::{Features, ProviderSettings, RateLimits, Source, base_url};
use ninja_types::Usd;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::List;
use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::{ApiError, ApiResult};

/// A model that can be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelView {
    /// `provider/model`, as a task pins it.
    id: String,
    provider: String,
    /// Tokens of its window.
    context_tokens: u64,
    /// US dollars for a million tokens read; null: not known, and then assumed to be dear.
    #[schema(value_type = Option<String>, required)]
    input_usd_per_mtok: Option<Usd>,
    /// The same for tokens written.
    #[schema(value_type = Option<String>, required)]
    output_usd_per_mtok: Option<Usd>,
    /// Of `tools`, `json_schema`, `vision`, `reasoning`.
    features: Vec<&'static str>,
    /// Its provider may be asked.
    available: bool,
}

/// List models
///
/// Those of the configured providers: which the settings name, which tiers stand for, and which the price table knows.
#[utoipa::path(operation_id = "listModels", tag = "models", security(("bearer" = [])), responses(
    (status = 200, body = List<ModelView>),
))]
#[get("/models")]
#[tracing::instrument(name = "api.models.list", skip_all)]
pub(crate) async fn list(
    app: Data<App>,
    _caller: Caller<AnyIdentity>,
) -> ApiResult<List<ModelView>> {
    let rows = providers::list(&mut *app.conn().await?).await?;
    let mut models = Vec::new();
    for row in rows {
        let enabled = row.enabled;
        let settings = settings(row)?;
        let view = |name: &String| view(&app, &settings, name, enabled);
        models.extend(names(&app, &settings).iter().map(view));
    }
    Ok(List::full(models))
}

/// What is known of a provider without its key.
pub(crate) fn settings(row: ProviderRow) -> ApiResult<ProviderSettings> {
    Ok(ProviderSettings {
        id: row.id,
        kind: row.kind()?,
        base_url: base_url(&row.base_url).map_err(ApiError::internal)?,
        key: None,
        models: serde_json::from_value(row.models).unwrap_or_default(),
        self_hosted: row.self_hosted,
        priority: row.priority,
        limits: RateLimits::default(),
        source: Source::Database,
        name: row.name,
    })
}

/// The names of its models, each once.
pub(crate) fn names(app: &App, settings: &ProviderSettings) -> BTreeSet<String> {
    let tiers = &app.config.llm.models;
    let tiers = [&tiers.small, &tiers.standard, &tiers.large];
    let named = tiers.into_iter().flat_map(|tier| tier.iter());
    let named = named.filter(|model| model.provider == settings.name);
    let of_tiers = named.map(|model| model.model.clone());
    let own = settings.models.iter().map(|model| model.name.clone());
    let priced = app.prices.models(&settings.name).map(str::to_owned);
    own.chain(of_tiers).chain(priced).collect()
}

fn view(app: &App, settings: &ProviderSettings, name: &str, available: bool) -> ModelView {
    let (features, price) = (app.prices.features(settings, name), app.prices.price(settings, name));
    let usd = |micros: u64| {
        let micros = i64::try_from(micros).ok().filter(|_| !price.assumed);
        micros.map(Usd::from_micros)
    };
    ModelView {
        id: format!("{}/{name}", settings.name),
        provider: settings.name.clone(),
        context_tokens: features.context_tokens,
        input_usd_per_mtok: usd(price.prices.input),
        output_usd_per_mtok: usd(price.prices.output),
        features: words(&features),
        available,
    }
}

fn words(features: &Features) -> Vec<&'static str> {
    let all = [
        ("tools", features.tools),
        ("json_schema", features.json_schema),
        ("vision", features.vision),
        ("reasoning", features.reasoning),
    ];
    all.into_iter().filter_map(|(word, has)| has.then_some(word)).collect()
}
