use ninja_config::ProvidersConfig;
use ninja_llm::{ModelSettings, ProviderSettings, RateLimits, Source, kind_info};
use ninja_types::{ProviderId, ProviderKind};
use secrecy::SecretString;
use url::Url;

/// The providers that the operator set for this process.
pub(crate) fn configured(config: &ProvidersConfig) -> Vec<ProviderSettings> {
    use ProviderKind::{Anthropic, DeepSeek, Google, Ollama, OpenAi};
    let vendors = [
        (OpenAi, &config.openai_api_key, &config.openai_base_url),
        (Anthropic, &config.anthropic_api_key, &config.anthropic_base_url),
        (Google, &config.google_api_key, &config.google_base_url),
        (DeepSeek, &config.deepseek_api_key, &config.deepseek_base_url),
    ];
    let vendors = vendors.into_iter().filter(|(_, key, _)| key.is_some());
    let mut all: Vec<_> = vendors
        .filter_map(|(kind, key, url)| provider(kind, kind.as_str(), key.clone(), url.as_ref()))
        .collect();
    if let Some(url) = &config.ollama_base_url {
        all.extend(provider(Ollama, Ollama.as_str(), None, Some(url)));
    }
    all.extend(compatible(config));
    all
}

fn compatible(config: &ProvidersConfig) -> Option<ProviderSettings> {
    let kind = ProviderKind::Compatible;
    let name = config.compatible_name.as_deref().unwrap_or(kind.as_str());
    let (key, url) = (config.compatible_api_key.clone(), config.compatible_base_url.as_ref()?);
    let mut settings = provider(kind, name, key, Some(url))?;
    settings.self_hosted = config.compatible_self_hosted.unwrap_or(false);
    let model = |name: &String| ModelSettings { name: name.clone(), features: None, prices: None };
    settings.models = config.compatible_models.iter().map(model).collect();
    Some(settings)
}

/// `None`: its address may not be asked, which is told.
fn provider(
    kind: ProviderKind,
    name: &str,
    key: Option<SecretString>,
    base_url: Option<&Url>,
) -> Option<ProviderSettings> {
    let default = || kind_info(kind).default_base_url.and_then(|url| url.parse().ok());
    let mut base_url: Url = base_url.cloned().or_else(default)?;
    if !base_url.path().ends_with('/') {
        base_url.set_path(&format!("{}/", base_url.path()));
    }
    if let Err(refused) = ninja_egress::check_operator_url(&base_url) {
        tracing::error!(
            provider = name,
            "NINJA_PROVIDERS__*: the base URL {refused}; it is not used"
        );
        return None;
    }
    Some(ProviderSettings {
        id: ProviderId::of_name(name),
        kind,
        name: name.to_owned(),
        base_url,
        key,
        models: vec![],
        self_hosted: kind == ProviderKind::Ollama,
        priority: 100,
        limits: RateLimits::default(),
        source: Source::Config,
    })
}
