use std::sync::Arc;
use std::time::Duration;

use ninja_db::providers::{self, Said};
use ninja_llm::{
    Features, ModelInfo, ModelSettings, Patience, ProviderSettings, RateLimits, Source, Target,
};
use ninja_queue::ProviderNews;
use ninja_types::{ProviderId, ProviderKind};
use secrecy::ExposeSecret;
use url::Url;

use crate::worker::Worker;

/// How long a usual port may be silent: whoever is there answers at once.
const SILENCE: Duration = Duration::from_millis(500);
/// How long all questions about its models may take.
const QUESTIONS: Duration = Duration::from_secs(5);
/// What this process has is worth three minutes where others see it.
const SAY_EVERY: Duration = Duration::from_mins(1);

/// Looks for an Ollama server on its usual port, at once and ever again, and tells everybody which providers this process
/// has of its own.
pub(crate) async fn discover(worker: Arc<Worker>) {
    let every = worker.settings.llm.ollama.discover_seconds.duration();
    let mut ticks = tokio::time::interval(every.clamp(Duration::from_secs(1), SAY_EVERY));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let found = worker.look_for_ollama().await;
        worker.say_providers(found).await;
    }
}

impl Worker {
    async fn look_for_ollama(&self) -> Option<ProviderSettings> {
        let config = &self.settings.llm.ollama;
        let name = ProviderKind::Ollama.as_str();
        let is_set = self.providers.configured().iter().any(|one| one.name == name);
        if !config.discover || is_set || self.has_row(name).await {
            return None;
        }
        for url in config.discover_urls.iter() {
            if let Some(found) = self.ask_ollama(url).await {
                return Some(found);
            }
        }
        None
    }

    /// Whether an admin set it. While nobody knows, nothing is looked for.
    async fn has_row(&self, name: &str) -> bool {
        let rows = async { providers::list(&mut *self.conn().await?).await };
        match rows.await {
            Ok(rows) => rows.iter().any(|row| row.name == name && row.is_admins()),
            Err(_unknown) => true,
        }
    }

    async fn ask_ollama(&self, url: &Url) -> Option<ProviderSettings> {
        let kind = ProviderKind::Ollama;
        let id = ProviderId::of_name(kind.as_str());
        let target = Target {
            provider: id,
            base_url: url.clone(),
            key: None,
            model: String::new(),
            request_id: "discover".to_owned(),
            context_tokens: 0,
            json_schema: true,
            patience: Patience { first_byte: SILENCE, idle: SILENCE },
        };
        let asked = tokio::time::timeout(QUESTIONS, self.wire.provider(kind).models(&target));
        let models = asked.await.ok()?.ok()?;
        let context = self.settings.llm.ollama.context_tokens;
        Some(ProviderSettings {
            id,
            kind,
            name: kind.to_string(),
            base_url: url.clone(),
            key: None,
            models: models.into_iter().map(|model| settings(model, context)).collect(),
            self_hosted: true,
            priority: 1_000, // whatever somebody configured comes first
            limits: RateLimits::default(),
            source: Source::Discovered,
        })
    }

    async fn say_providers(&self, found: Option<ProviderSettings>) {
        let said = self.providers.configured().iter().chain(&found).map(say).collect::<Vec<_>>();
        self.providers.found(found);
        if said.is_empty() {
            return;
        }
        let stored = async { providers::say(&mut *self.conn().await?, &said).await };
        match stored.await {
            Ok(true) => self.queue.tell_providers(ProviderNews::Changed),
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(%error, "the providers of this process are not shown now");
            }
        }
    }
}

/// A model that is there, with what its server says of it.
fn settings(model: ModelInfo, context: u64) -> ModelSettings {
    let default = Features::default();
    let features = Features {
        tools: model.tools.unwrap_or(false),
        json_schema: true, // the server holds every model to it
        context_tokens: model.context_tokens.unwrap_or(default.context_tokens).min(context),
        ..default
    };
    ModelSettings { name: model.name, features: Some(features), prices: None }
}

fn say(own: &ProviderSettings) -> Said {
    let last4 = |key: &secrecy::SecretString| {
        let text = key.expose_secret();
        let from = text.len().checked_sub(4).filter(|_| text.len() >= 12);
        from.and_then(|from| text.get(from..)).unwrap_or_default().to_owned()
    };
    Said {
        id: own.id,
        kind: own.kind,
        name: own.name.clone(),
        base_url: own.base_url.to_string(),
        key_last4: own.key.as_ref().map(last4),
        models: serde_json::to_value(&own.models).unwrap_or_default(),
        self_hosted: own.self_hosted,
        found: own.source == Source::Discovered,
    }
}
