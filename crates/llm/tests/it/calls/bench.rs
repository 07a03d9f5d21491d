use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ninja_config::LlmConfig;
use ninja_llm::{
    Budget, CallContext, CallDeltas, CallError, ChatAnswer, ChatRequest, Completion, DeltaSink,
    Features, FixedProviders, Granted, LocalHealth, LocalRates, Message, ModelInfo, ModelSettings,
    Models, Outside, Part, Prices, Provider, ProviderError, ProviderSettings, RateLimits, Refused,
    Seen, Source, Stop, Target, Tokens, ToolChoice, Wires, WorstCase,
};
use ninja_types::{ModelErrorClass, ProviderId, ProviderKind, Tier, Usd};
use tokio_util::sync::CancellationToken;

/// What a scripted model does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Says the pieces, then this.
    Says(Vec<&'static str>, Completion),
    /// Says the pieces, then fails.
    Fails(Vec<&'static str>, ProviderError),
    /// Says the pieces, then nothing, for ever.
    Hangs(Vec<&'static str>),
}

pub(crate) const TOKENS: Tokens = Tokens {
    input: 1_000,
    cache_read: 0,
    cache_write_5m: 0,
    cache_write_1h: 0,
    output: 100,
    reasoning: 0,
};

/// An answer of these pieces.
pub(crate) fn says(pieces: &[&'static str]) -> Reply {
    Reply::Says(pieces.to_vec(), completion(&pieces.concat()))
}

pub(crate) fn completion(text: &str) -> Completion {
    Completion {
        text: text.to_owned(),
        reasoning: None,
        tool_calls: Vec::new(),
        stop: Stop::Completed,
        tokens: Some(TOKENS),
        response_model: None,
        response_id: None,
    }
}

pub(crate) fn fails(class: ModelErrorClass) -> Reply {
    Reply::Fails(Vec::new(), error(class))
}

/// Fails and asks to be left alone for so long.
pub(crate) fn busy(class: ModelErrorClass, ms: u64) -> Reply {
    let retry_after = Some(Duration::from_millis(ms));
    Reply::Fails(Vec::new(), ProviderError { retry_after, ..error(class) })
}

/// Says the pieces, and breaks.
pub(crate) fn breaks(pieces: &[&'static str]) -> Reply {
    let bytes = u64::try_from(pieces.concat().len()).unwrap();
    let seen = Seen { bytes, tokens: None };
    Reply::Fails(pieces.to_vec(), ProviderError { seen, ..error(ModelErrorClass::Broken) })
}

fn error(class: ModelErrorClass) -> ProviderError {
    ProviderError {
        class,
        status: None,
        code: None,
        message: "scripted".to_owned(),
        retry_after: None,
        seen: Seen::default(),
    }
}

/// Models that do as they are told, and note who asked them what.
#[derive(Default)]
pub(crate) struct Script {
    replies: Mutex<HashMap<String, VecDeque<Reply>>>,
    asked: Mutex<Vec<(String, u32)>>,
}

#[async_trait]
impl Provider for Script {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Compatible
    }

    async fn chat(
        &self,
        target: &Target,
        request: &ChatRequest,
        deltas: &dyn DeltaSink,
    ) -> Result<Completion, ProviderError> {
        self.asked.lock().unwrap().push((target.model.clone(), request.max_output_tokens));
        let reply = {
            let mut replies = self.replies.lock().unwrap();
            let mine = replies.get_mut(&target.model).expect("a model that the script knows");
            // The last one is said for ever.
            if mine.len() > 1 { mine.pop_front() } else { mine.front().cloned() }.unwrap()
        };
        let (Reply::Says(pieces, _) | Reply::Fails(pieces, _) | Reply::Hangs(pieces)) = &reply;
        for piece in pieces {
            deltas.say(piece).await;
        }
        match reply {
            Reply::Says(_, completion) => Ok(completion),
            Reply::Fails(_, error) => Err(error),
            Reply::Hangs(_) => std::future::pending().await,
        }
    }

    async fn models(&self, _: &Target) -> Result<Vec<ModelInfo>, ProviderError> {
        Ok(Vec::new())
    }
}

struct One(Arc<Script>);

impl Wires for One {
    fn provider(&self, _: ProviderKind) -> &dyn Provider {
        self.0.as_ref()
    }
}

/// Three providers, `one`, `two`, `three`, with the models `a`, `b`, `c`: a thousand tokens cost 1,000 micro-dollars read
/// and 2,000 written.
pub(crate) struct Bench {
    pub(crate) models: Models,
    pub(crate) script: Arc<Script>,
    pub(crate) budget: Wallet,
    pub(crate) deltas: Shown,
    pub(crate) stop: CancellationToken,
    pub(crate) patience: Duration,
}

impl Bench {
    pub(crate) fn new(replies: &[(&'static str, Vec<Reply>)]) -> Self {
        Self::with(replies, &[], |_| {})
    }

    pub(crate) fn with(
        replies: &[(&'static str, Vec<Reply>)],
        settings: &[(&str, &str)],
        change: impl Fn(&mut ProviderSettings),
    ) -> Self {
        let names = [("a", "one"), ("b", "two"), ("c", "three")];
        let known =
            names.into_iter().filter(|(model, _)| replies.iter().any(|one| one.0 == *model));
        let mut providers: Vec<_> = known.map(|(model, name)| provider(name, model)).collect();
        providers.iter_mut().for_each(change);
        let list = [("NINJA_LLM__MODELS__STANDARD", "one/a two/b three/c")];
        let pairs = list.iter().chain(settings);
        let pairs: Vec<_> = pairs.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let config = LlmConfig::load(pairs.into_iter()).unwrap();
        let script = Arc::new(Script::default());
        for (model, replies) in replies {
            let replies = replies.iter().cloned().collect();
            script.replies.lock().unwrap().insert((*model).to_owned(), replies);
        }
        let outside = Outside {
            source: Arc::new(FixedProviders::new(providers)),
            health: Arc::new(LocalHealth::default()),
            rates: Arc::new(LocalRates::default()),
        };
        let models = Models::with(outside, Arc::new(One(Arc::clone(&script))), config).unwrap();
        Self {
            models,
            script,
            budget: Wallet::of(Usd::from_micros(1_000_000)),
            deltas: Shown::default(),
            stop: CancellationToken::new(),
            patience: Duration::from_mins(1),
        }
    }

    pub(crate) async fn call(&self, request: &ChatRequest) -> Result<ChatAnswer, CallError> {
        let context = CallContext {
            budget: &self.budget,
            deltas: &self.deltas,
            stop: &self.stop,
            deadline: Instant::now() + self.patience,
            request_id: "s.1.1".to_owned(),
        };
        self.models.call(request, &context).await
    }

    /// Who was asked, in order.
    pub(crate) fn asked(&self) -> String {
        let asked = self.script.asked.lock().unwrap();
        asked.iter().map(|(model, _)| model.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// How long an answer each was granted.
    pub(crate) fn lengths(&self) -> Vec<u32> {
        self.script.asked.lock().unwrap().iter().map(|(_, length)| *length).collect()
    }
}

fn provider(name: &str, model: &str) -> ProviderSettings {
    let features = Features {
        tools: true,
        json_schema: true,
        context_tokens: 100_000,
        max_output_tokens: 4_096,
        ..Features::default()
    };
    let prices = Prices {
        input: 1_000_000,
        output: 2_000_000,
        cache_read: None,
        cache_write_5m: None,
        cache_write_1h: None,
    };
    let model =
        ModelSettings { name: model.to_owned(), features: Some(features), prices: Some(prices) };
    ProviderSettings {
        id: ProviderId::new(),
        kind: ProviderKind::Compatible,
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/".parse().unwrap(),
        key: None,
        models: vec![model],
        self_hosted: false,
        priority: 0,
        limits: RateLimits::default(),
        source: Source::Config,
    }
}

pub(crate) fn request() -> ChatRequest {
    let text = "What is a bell for?".to_owned();
    ChatRequest {
        tier: Tier::Standard,
        model: None,
        system: "Answer briefly.".to_owned(),
        messages: vec![Message::User { parts: vec![Part::Text { text }] }],
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens: 2_000,
        temperature: None,
        cache_hint: None,
    }
}

/// A budget of so much, that notes what it was asked.
pub(crate) struct Wallet {
    left: Mutex<i64>,
    pub(crate) asked: Mutex<Vec<(&'static str, WorstCase)>>,
}

#[derive(Debug, thiserror::Error)]
#[error("not enough")]
pub(crate) struct Spent;

impl Wallet {
    pub(crate) fn of(money: Usd) -> Self {
        Self { left: Mutex::new(money.micros()), asked: Mutex::default() }
    }

    fn grant(&self, verb: &'static str, worst: &WorstCase) -> Result<Granted, Refused> {
        self.asked.lock().unwrap().push((verb, *worst));
        let mut left = self.left.lock().unwrap();
        let cost = worst.most.cost.micros().min(*left);
        if cost < worst.least.cost.micros() {
            return Err(Refused(Box::new(Spent)));
        }
        *left -= cost;
        Ok(Granted { cost: Usd::from_micros(cost), tokens: worst.most.tokens })
    }

    pub(crate) fn verbs(&self) -> Vec<&'static str> {
        self.asked.lock().unwrap().iter().map(|(verb, _)| *verb).collect()
    }
}

#[async_trait]
impl Budget for Wallet {
    async fn reserve(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        self.grant("reserve", worst)
    }

    async fn extend(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        self.grant("extend", worst)
    }
}

/// What a client was shown.
#[derive(Default)]
pub(crate) struct Shown(Mutex<Vec<(u64, String)>>);

impl Shown {
    pub(crate) fn all(&self) -> String {
        let pieces = self.0.lock().unwrap();
        pieces.iter().map(|(at, text)| format!("{at}:{text}")).collect::<Vec<_>>().join(" ")
    }

    /// What a client shows at the end that drops what it had whenever the count begins anew.
    pub(crate) fn seen(&self) -> String {
        let pieces = self.0.lock().unwrap();
        pieces.iter().fold(
            String::new(),
            |shown, (at, text)| {
                if *at == 0 { text.clone() } else { shown + text }
            },
        )
    }
}

#[async_trait]
impl CallDeltas for Shown {
    async fn delta(&self, index: u64, text: &str) {
        self.0.lock().unwrap().push((index, text.to_owned()));
    }
}
