use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ninja_config::{LlmConfig, RedisConfig, Seconds, Setting};
use ninja_llm::{
    Budget, CallContext, ChatRequest, Completion, DeltaSink, FixedProviders, Granted, ModelInfo,
    ModelSettings, Models, NoDeltas, NoRates, Outside, Provider, ProviderError, ProviderSettings,
    RateLimits, Refused, Seen, Source, Stop, Target, ToolChoice, Wires, WorstCase,
};
use ninja_testkit::Redis;
use ninja_types::{ModelErrorClass, ProviderId, ProviderKind, Tier};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::*;

#[test]
fn a_rest_that_was_seen_a_while_ago_is_shorter_now_and_ends_half_open() {
    let (ten, four) = (Duration::from_millis(10), Duration::from_millis(4));
    assert_eq!(aged(Health::Cooling(ten), four), Health::Cooling(Duration::from_millis(6)));
    assert_eq!(aged(Health::Open(four), ten), Health::HalfOpen);
    assert_eq!(aged(Health::Closed, ten), Health::Closed);
}

#[test]
fn of_two_views_the_more_careful_one_counts() {
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(2));
    assert_eq!(worse(Health::Closed, Health::Open(short)), Health::Open(short));
    assert_eq!(worse(Health::Cooling(long), Health::Open(short)), Health::Cooling(long));
    assert_eq!(worse(Health::HalfOpen, Health::Closed), Health::HalfOpen);
}

/// How long the busy provider asks to be left alone.
const REST: Duration = Duration::from_millis(100);

/// Two providers: `busy` refuses until it is told otherwise, `spare` answers.
#[derive(Default)]
struct Drill {
    well: std::sync::atomic::AtomicBool,
    busy: Mutex<Vec<Instant>>,
    spare: AtomicUsize,
}

#[async_trait]
impl Provider for Drill {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Compatible
    }

    async fn chat(
        &self,
        target: &Target,
        _: &ChatRequest,
        _: &dyn DeltaSink,
    ) -> Result<Completion, ProviderError> {
        if target.model == "busy" {
            self.busy.lock().unwrap().push(Instant::now());
            if !self.well.load(Ordering::Relaxed) {
                return Err(ProviderError {
                    class: ModelErrorClass::Rate,
                    status: Some(429),
                    code: None,
                    message: "later".to_owned(),
                    retry_after: Some(REST),
                    seen: Seen::default(),
                });
            }
        } else {
            self.spare.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Completion {
            text: "yes".to_owned(),
            reasoning: None,
            tool_calls: Vec::new(),
            stop: Stop::Completed,
            tokens: None,
            response_model: None,
            response_id: None,
        })
    }

    async fn models(&self, _: &Target) -> Result<Vec<ModelInfo>, ProviderError> {
        Ok(Vec::new())
    }
}

struct Only(Arc<Drill>);

impl Wires for Only {
    fn provider(&self, _: ProviderKind) -> &dyn Provider {
        self.0.as_ref()
    }
}

struct Rich;

#[async_trait]
impl Budget for Rich {
    async fn reserve(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        Ok(worst.most)
    }

    async fn extend(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        Ok(worst.most)
    }
}

fn provider(name: &str) -> ProviderSettings {
    let model = ModelSettings { name: name.to_owned(), features: None, prices: None };
    ProviderSettings {
        id: ProviderId::new(),
        kind: ProviderKind::Compatible,
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/".parse().unwrap(),
        key: None,
        models: vec![model],
        self_hosted: true,
        priority: 0,
        limits: RateLimits::default(),
        source: Source::Config,
    }
}

/// One worker of a fleet: its own connection, its own memory.
fn worker(
    redis: &Redis,
    drill: &Arc<Drill>,
    providers: &[ProviderSettings],
) -> (Models, Arc<FleetHealth>) {
    let config = RedisConfig {
        url: redis.url().into(),
        password: None,
        prefix: "ninja".to_owned(),
        response_seconds: Seconds::parse("5").unwrap(),
    };
    let queue = Queue::open(&config, TaskTracker::new()).unwrap();
    let health = Arc::new(FleetHealth::new(queue));
    let outside = Outside {
        source: Arc::new(FixedProviders::new(providers.to_vec())),
        health: health.clone(),
        rates: Arc::new(NoRates),
    };
    let lists = [("NINJA_LLM__MODELS__SMALL".to_owned(), "busy/busy spare/spare".to_owned())];
    let config = LlmConfig::load(lists.into_iter()).unwrap();
    (Models::with(outside, Arc::new(Only(Arc::clone(drill))), config).unwrap(), health)
}

/// Who answers one small question.
async fn ask(models: &Models) -> String {
    let request = ChatRequest {
        tier: Tier::Small,
        model: None,
        system: String::new(),
        messages: Vec::new(),
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens: 100,
        temperature: None,
        cache_hint: None,
    };
    let stop = CancellationToken::new();
    let context = CallContext {
        budget: &Rich,
        deltas: &NoDeltas,
        stop: &stop,
        deadline: Instant::now() + Duration::from_mins(1),
        request_id: "s.1.1".to_owned(),
    };
    // Every call ends with an answer: none is handed back, so none is charged as an attempt.
    models.call(&request, &context).await.unwrap().provider
}

/// The drill of the breaker, at a thirtieth of its time: one provider says 429 all the while.
#[tokio::test]
async fn breaker_lets_three_workers_send_one_probe_per_window_and_all_calls_end_on_the_other() {
    let (redis, drill) = (Redis::start(), Arc::new(Drill::default()));
    let providers = [provider("busy"), provider("spare")];
    let fleet: Vec<_> = (0..3).map(|_| worker(&redis, &drill, &providers)).collect();
    // The first one learns it; the others begin when the fleet knows.
    assert_eq!(ask(&fleet[0].0).await, "spare");
    let key = TargetKey { provider: providers[0].id, model: "busy".to_owned() };
    let until = Instant::now() + Duration::from_secs(1);
    let calls = fleet.iter().map(|(models, health)| async {
        let seen = async {
            while health.look(std::slice::from_ref(&key)).await == [Health::Closed] {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), seen).await.expect("the fleet hears");
        while Instant::now() < until {
            assert_eq!(ask(models).await, "spare");
        }
    });
    futures_util::future::join_all(calls).await;
    let asked = drill.busy.lock().unwrap().clone();
    assert!(asked.len() >= 2, "it was probed");
    for pair in asked.windows(2) {
        let gap = pair[1].duration_since(pair[0]);
        assert!(gap >= REST.mul_f64(0.9), "two within a window: {gap:?} of {asked:?}");
    }
    assert!(drill.spare.load(Ordering::Relaxed) > asked.len());

    drill.well.store(true, Ordering::Relaxed);
    let back = async { while ask(&fleet[1].0).await != "busy" {} };
    tokio::time::timeout(Duration::from_secs(30), back).await.expect("it is asked again");
}

#[tokio::test]
async fn breaker_without_redis_is_the_process_own() {
    let (mut redis, drill) = (Redis::start(), Arc::new(Drill::default()));
    let providers = [provider("busy"), provider("spare")];
    let (models, _) = worker(&redis, &drill, &providers);
    redis.kill9();
    assert_eq!(ask(&models).await, "spare");
    assert_eq!(ask(&models).await, "spare");
    assert_eq!(drill.busy.lock().unwrap().len(), 1, "it is cooling, as this process knows");
}
