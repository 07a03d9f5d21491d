use std::sync::OnceLock;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_db::jobs::Errand;
use ninja_db::{DbError, DbResult, providers};
use ninja_llm::{
    ChatRequest, Completion, DeltaSink, Message, OutputSchema, Part, Patience, Provider,
    ProviderError, ProviderSettings, Target, ToolChoice, ToolSpec,
};
use ninja_queue::ProviderNews;
use ninja_types::{Clock, ProviderId, Tier, Time};
use serde_json::{Value, json};

use crate::worker::Worker;

/// How long one question may take: an administrator waits before the screen.
const QUESTION: Duration = Duration::from_secs(20);
const PATIENCE: Patience = Patience { first_byte: QUESTION, idle: QUESTION };

/// Asks a provider whether it works: for its models, a few words, the call of a tool, JSON of a shape. What it says is
/// stored with the provider; a provider that fails is no failed job.
#[tracing::instrument(name = "worker.test_provider", skip_all, fields(job_id = %errand.job))]
pub(super) async fn run(worker: &Worker, errand: &Errand) -> DbResult<()> {
    let outcome = match worker.providers.any(ProviderId(errand.subject)).await {
        Ok(Some(settings)) => ask(worker, errand, &settings).await,
        Ok(None) => Outcome::failed("No worker that serves the pool `system` has this provider."),
        Err(DbError::Sealed(error)) => Outcome::failed(error.to_string()),
        Err(error) => return Err(error),
    };
    store(worker, errand, &outcome).await
}

/// The test did not come to an end.
pub(super) async fn give_up(worker: &Worker, errand: &Errand) -> DbResult<()> {
    let outcome = Outcome::failed(
        "The test took too long, or failed on our side: the worker's log may say more.",
    );
    store(worker, errand, &outcome).await
}

async fn store(worker: &Worker, errand: &Errand, outcome: &Outcome) -> DbResult<()> {
    let value = outcome.value(errand, Time(Clock::default().now()));
    providers::store_test(&mut *worker.conn().await?, errand, &value).await?;
    worker.queue.tell_providers(ProviderNews::Tested(errand.job));
    Ok(())
}

/// What came of the questions so far.
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to a question of its own")]
#[derive(Default)]
struct Outcome {
    failure: Option<(Option<&'static str>, Option<u16>, String)>,
    model: Option<String>,
    latency: Duration,
    models_found: usize,
    chat: bool,
    first: Option<Duration>,
    usage: bool,
    tools: bool,
    schema: bool,
}

impl Outcome {
    fn failed(message: impl Into<String>) -> Self {
        Self { failure: Some((None, None, message.into())), ..Self::default() }
    }

    fn note(&mut self, error: &ProviderError) {
        let failure = (Some(error.class.as_str()), error.status, error.message.clone());
        self.failure.get_or_insert(failure);
    }

    fn value(&self, errand: &Errand, at: Time) -> Value {
        let (class, status, message) = match &self.failure {
            Some((class, status, message)) => (*class, *status, Some(message)),
            None => (None, None, None),
        };
        json!({
            "job_id": errand.job, "tested_at": at, "ok": self.chat, "class": class, "status": status,
            "message": message, "model": self.model, "latency_ms": millis(self.latency),
            "models_found": self.models_found,
            "chat": {"ok": self.chat, "ttft_ms": self.first.map(millis), "usage_reported": self.usage},
            "tools_ok": self.tools, "schema_ok": self.schema,
        })
    }
}

async fn ask(worker: &Worker, errand: &Errand, settings: &ProviderSettings) -> Outcome {
    let provider = worker.wire.provider(settings.kind);
    let mut outcome = Outcome::default();
    let mut target = target(settings, errand);
    let began = Instant::now();
    let listed: Vec<String> = match provider.models(&target).await {
        Ok(listed) => listed.into_iter().map(|model| model.name).collect(),
        Err(error) => {
            outcome.note(&error);
            Vec::new()
        }
    };
    outcome.latency = began.elapsed();
    outcome.models_found = listed.len();
    let Some(model) = choose(worker, settings, &listed) else {
        if outcome.failure.is_none() {
            outcome.failure = Some((
                None,
                None,
                "There is no model that could be asked: name one in `models`.".into(),
            ));
        }
        return outcome;
    };
    target.json_schema = worker.models.prices().features(settings, &model).json_schema;
    outcome.model = Some(model.clone());
    target.model = model;
    chat(provider, &target, &mut outcome).await;
    if outcome.chat {
        outcome.failure = None; // a server that does not list its models still answers
        outcome.tools = calls_tool(provider, &target).await;
        outcome.schema = holds_schema(provider, &target).await;
    }
    outcome
}

fn target(settings: &ProviderSettings, errand: &Errand) -> Target {
    Target {
        provider: settings.id,
        base_url: settings.base_url.clone(),
        key: settings.key.clone(),
        model: String::new(),
        request_id: format!("{}.1.{}", errand.job, errand.epoch),
        context_tokens: 4_096,
        json_schema: false,
        patience: PATIENCE,
    }
}

/// The first model of the settings, else the cheapest that the tiers name, else the first that the provider has.
fn choose(worker: &Worker, settings: &ProviderSettings, listed: &[String]) -> Option<String> {
    let models = &worker.settings.llm.models;
    let tiers = [&models.small, &models.standard, &models.large];
    let named = tiers.into_iter().flat_map(|tier| tier.iter());
    let mut named = named.filter(|model| model.provider == settings.name).map(|model| &model.model);
    let first = settings.models.first().map(|model| &model.name);
    first.or_else(|| named.next()).or(listed.first()).cloned()
}

async fn chat(provider: &dyn Provider, target: &Target, outcome: &mut Outcome) {
    let first = First(Instant::now(), OnceLock::new());
    match provider.chat(target, &request("Answer with the word: ok", 8), &first).await {
        Ok(answer) => {
            outcome.chat = true;
            outcome.first = Some(first.1.get().copied().unwrap_or_else(|| first.0.elapsed()));
            outcome.usage = answer.tokens.is_some();
        }
        Err(error) => {
            outcome.failure = None;
            outcome.note(&error);
        }
    }
}

async fn calls_tool(provider: &dyn Provider, target: &Target) -> bool {
    let mut request = request("Call the tool `note` with the text: ok", 200);
    request.tools = vec![ToolSpec {
        name: "note".to_owned(),
        description: "Notes a text.".to_owned(),
        parameters: shape(),
    }];
    request.tool_choice = ToolChoice::Required;
    let answer = provider.chat(target, &request, &Nobody).await;
    answer.is_ok_and(|answer| answer.tool_calls.iter().any(|call| call.name == "note"))
}

async fn holds_schema(provider: &dyn Provider, target: &Target) -> bool {
    let mut request = request("Answer with JSON: {\"text\": \"ok\"}", 200);
    request.output_schema = Some(OutputSchema { name: "note".to_owned(), schema: shape() });
    let answer = provider.chat(target, &request, &Nobody).await;
    let holds = |answer: &Completion| {
        let value: Option<Value> = serde_json::from_str(&answer.text).ok();
        value.is_some_and(|value| value["text"].is_string())
    };
    answer.is_ok_and(|answer| holds(&answer))
}

fn shape() -> Value {
    json!({
        "type": "object", "properties": {"text": {"type": "string"}},
        "required": ["text"], "additionalProperties": false,
    })
}

fn request(text: &str, max_output_tokens: u32) -> ChatRequest {
    let parts = vec![Part::Text { text: text.to_owned() }];
    ChatRequest {
        tier: Tier::Small,
        model: None,
        system: "You are being tested: do exactly what you are told.".to_owned(),
        messages: vec![Message::User { parts }],
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens,
        temperature: None,
        cache_hint: None,
    }
}

/// Notes when the first piece came.
struct First(Instant, OnceLock<Duration>);

#[async_trait]
impl DeltaSink for First {
    async fn say(&self, _text: &str) {
        self.1.get_or_init(|| self.0.elapsed());
    }
}

struct Nobody;

#[async_trait]
impl DeltaSink for Nobody {
    async fn say(&self, _text: &str) {}
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
