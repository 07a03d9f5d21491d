//! The Writer's answer to a question: the loop between a step and a model, over real HTTP.

use ninja_agents::{StepDone, StepError, StepInputs, StepWork, UserMessage};
use ninja_llm::{Features, ModelSettings, Prices, ProviderSettings, RateLimits, Source};
use ninja_testkit::TestBench;
use ninja_testkit::model_server::{Call, ModelServer, Reply, Stop};
use ninja_types::{
    AgentKind, Failure, FailureCode, MessageId, ProviderId, ProviderKind, StepId, TaskId, Usd,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::journal::Journal;

const WORDS: &str = "A lease is a promise with an end.";

/// A server, a bench that may ask it, and a step that asks.
struct Desk {
    server: ModelServer,
    bench: TestBench,
    work: StepWork,
}

impl Desk {
    async fn open() -> Self {
        let server = ModelServer::start().await;
        let bench = TestBench::with_models(vec![provider(&server)]).await;
        Self { server, bench, work: question() }
    }

    async fn run(&self, journal: &Journal) -> Result<StepDone, StepError> {
        let tools = (&self.bench.bench, &self.bench.models);
        ninja_agents::run(&self.work, tools, journal, &CancellationToken::new()).await
    }

    async fn fails(&self, journal: &Journal) -> Failure {
        match self.run(journal).await {
            Err(StepError::Fail(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }

    /// What the model was told in its request of this number, as one text.
    fn told(&self, request: usize) -> String {
        self.server.ledger()[request].body["messages"].to_string()
    }
}

fn provider(server: &ModelServer) -> ProviderSettings {
    let features = Features { tools: true, ..Features::default() };
    let prices = Prices {
        input: 1_000_000,
        output: 2_000_000,
        cache_read: None,
        cache_write_5m: None,
        cache_write_1h: None,
    };
    let model = ModelSettings {
        name: "scripted-large".to_owned(),
        features: Some(features),
        prices: Some(prices),
    };
    ProviderSettings {
        id: ProviderId::new(),
        kind: ProviderKind::OpenAi,
        name: "openai".to_owned(),
        base_url: server.url(ProviderKind::OpenAi).parse().expect("a URL"),
        key: Some("sk-test".to_owned().into()),
        models: vec![model],
        self_hosted: false,
        priority: 0,
        limits: RateLimits::default(),
        source: Source::Database,
    }
}

fn question() -> StepWork {
    StepWork {
        task: TaskId::new(),
        title: "Leases".to_owned(),
        description: "What is a lease?".to_owned(),
        model: Some("openai/scripted-large".to_owned()),
        step: StepId::new(),
        agent: AgentKind::Writer,
        capability: None,
        inputs: StepInputs { parameters: json!({}), files: Vec::new() },
        results: std::collections::BTreeMap::new(),
        files: Vec::new(),
        artifacts: Vec::new(),
    }
}

/// The model hands this to `finish`.
fn finish(arguments: Value) -> Call {
    Call { name: "finish".to_owned(), arguments, ..Call::default() }
}

fn whole() -> Reply {
    let tool_calls = vec![finish(json!({ "summary": "A promise with an end." }))];
    Reply { tool_calls, ..Reply::text(WORDS) }
}

#[tokio::test]
async fn a_question_is_answered_shown_paid_for_and_never_bought_again() {
    let desk = Desk::open().await;
    desk.server.reply(whole());
    let journal = Journal::default();
    let done = desk.run(&journal).await.expect("answered");
    assert_eq!(done.output["answer"], WORDS);
    assert_eq!(done.summary, "A promise with an end.");
    assert_eq!(journal.said(), WORDS);
    let kept: Vec<_> = done.artifacts.iter().map(|made| (made.path.as_str(), made.main)).collect();
    assert_eq!(kept, [("answer.md", true)]);
    assert_eq!((done.usage.model_calls, done.usage.estimated), (1, false));
    assert!(done.usage.cost_usd > Usd::default());
    let checks: Vec<_> = done.checks.iter().map(|check| (check.name, check.passed)).collect();
    assert_eq!(checks, [("finished", true), ("schema_valid", true)]);
    assert!(desk.told(0).contains("What is a lease?"));

    let again = desk.run(&journal.of_a_new_attempt()).await.expect("answered from the journal");
    assert_eq!((again.output, again.usage), (done.output, done.usage));
    assert_eq!(desk.server.ledger().len(), 1, "a stored answer was bought again");
}

#[tokio::test]
async fn words_without_an_end_are_answered_once_and_then_they_are_no_answer() {
    let desk = Desk::open().await;
    desk.server.reply(Reply::text(WORDS));
    desk.server.reply(Reply {
        tool_calls: vec![finish(json!({ "summary": "Said before." }))],
        ..Reply::default()
    });
    let done = desk.run(&Journal::default()).await.expect("the model mended it");
    assert_eq!((&done.output["answer"], done.usage.model_calls), (&json!(WORDS), 2));
    assert!(desk.told(1).contains("call the tool `finish` now"), "{}", desk.told(1));

    for broken in [
        Reply::text(WORDS),
        Reply { tool_calls: vec![finish(json!({ "title": 1 }))], ..Reply::text(WORDS) },
        Reply { tool_calls: vec![finish(json!({ "summary": "Of nothing." }))], ..Reply::default() },
        Reply { stop: Some(Stop::MaxTokens), ..Reply::text(WORDS) },
    ] {
        desk.server.reply(broken.clone());
        desk.server.reply(broken);
        let failure = desk.fails(&Journal::default()).await;
        assert_eq!(failure.code, FailureCode::ContractFailed, "{failure:?}");
        assert_eq!(failure.data["checks"][0]["name"], "finished");
    }
}

#[tokio::test]
async fn what_the_user_adds_is_read_before_the_end_and_stays_in_the_journal() {
    let desk = Desk::open().await;
    desk.server.reply(whole());
    desk.server.reply(whole());
    let journal = Journal::default();
    let content = "In the sense of Kubernetes.".to_owned();
    journal.tell_after_the_first_call(UserMessage { id: MessageId::new(), content });
    let done = desk.run(&journal).await.expect("answered");
    assert_eq!(done.usage.model_calls, 2);
    assert!(!desk.told(0).contains("Kubernetes"));
    assert!(desk.told(1).contains("Kubernetes"), "{}", desk.told(1));

    let again = desk.run(&journal.of_a_new_attempt()).await.expect("answered from the journal");
    assert_eq!(again.output, done.output);
    assert_eq!(desk.server.ledger().len(), 2);
}

#[tokio::test]
async fn without_a_model_the_step_says_what_to_configure() {
    let bench = TestBench::open().await;
    let (journal, work) = (Journal::default(), question());
    let tools = (&bench.bench, &bench.models);
    let ended = ninja_agents::run(&work, tools, &journal, &CancellationToken::new()).await;
    let Err(StepError::Fail(failure)) = ended else { panic!("{ended:?}") };
    assert_eq!(failure.code, FailureCode::NoModel);
    assert!(failure.message.contains("ninjactl provider add"), "{}", failure.message);
    assert_eq!(journal.made(), [""; 0], "a call was begun that nobody could answer");
}
