//! Requests as the tests of the wire make them, and the sink that listens.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use ninja_llm::{
    ChatRequest, Completion, DeltaSink, Message, OutputSchema, Part, Patience, ProviderError,
    Registry, Target, ToolChoice, ToolSpec,
};
use ninja_types::{ProviderId, ProviderKind, Tier};
use secrecy::SecretString;
use serde_json::json;

/// Nothing that an error, a log or a Debug says may hold this.
pub(crate) const KEY: &str = "canary-5d1f-9a77-key";
/// Nor this, which is what was asked.
pub(crate) const QUESTION: &str =
    "Which of the five wrens at the northern gate has the whitest breast?";

/// A target of `kind` at `base_url`, that is patient for long enough.
pub(crate) fn target(kind: ProviderKind, base_url: &str) -> Target {
    let long = Duration::from_secs(30);
    Target {
        provider: ProviderId::new(),
        base_url: base_url.parse().unwrap(),
        key: Some(SecretString::from(KEY)),
        model: model(kind).to_owned(),
        request_id: "step-1.2.3".to_owned(),
        context_tokens: 16_384,
        json_schema: true,
        patience: Patience { first_byte: long, idle: long },
    }
}

/// A name that each format could stumble over.
fn model(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::OpenAi => "gpt-5-mini",
        ProviderKind::Anthropic => "claude-sonnet-4-5",
        ProviderKind::Google => "gemini-2.5-flash",
        ProviderKind::DeepSeek => "deepseek-chat",
        ProviderKind::Ollama => "qwen3:8b",
        ProviderKind::Compatible => "meta/llama-max",
    }
}

/// One question.
pub(crate) fn question() -> ChatRequest {
    let parts = vec![Part::Text { text: QUESTION.to_owned() }];
    ChatRequest {
        tier: Tier::Standard,
        model: None,
        system: "Answer briefly.".to_owned(),
        messages: vec![Message::User { parts }],
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens: 512,
        temperature: None,
        cache_hint: None,
    }
}

/// The same, with two tools to call.
pub(crate) fn with_tools() -> ChatRequest {
    let tool = |name: &str| ToolSpec {
        name: name.to_owned(),
        description: format!("What {name} does."),
        parameters: json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}),
    };
    ChatRequest { tools: vec![tool("read_file"), tool("web_search")], ..question() }
}

/// The same, in the shape of an object with a count.
pub(crate) fn with_schema() -> ChatRequest {
    let schema = json!({"type": "object", "properties": {"count": {"type": "integer"}},
        "required": ["count"], "additionalProperties": false});
    ChatRequest {
        output_schema: Some(OutputSchema { name: "birds".to_owned(), schema }),
        ..question()
    }
}

/// Keeps what is said.
#[derive(Default)]
pub(crate) struct Said(Mutex<Vec<String>>);

impl Said {
    pub(crate) fn pieces(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl DeltaSink for Said {
    async fn say(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

thread_local! {
    /// One for each test, which has a thread of its own: to build one reads all the roots of trust.
    static REGISTRY: &'static Registry =
        Box::leak(Box::new(Registry::new(&ninja_egress::provider_client().unwrap())));
}

/// Asks once.
pub(crate) async fn ask(
    kind: ProviderKind,
    target: &Target,
    request: &ChatRequest,
) -> Result<Completion, ProviderError> {
    ask_and_hear(kind, target, request).await.0
}

/// Asks once and keeps the pieces that were said. Holds the answer to what is true of every answer: what was said is the
/// text, and nobody's key is in it.
pub(crate) async fn ask_and_hear(
    kind: ProviderKind,
    target: &Target,
    request: &ChatRequest,
) -> (Result<Completion, ProviderError>, Vec<String>) {
    let registry = REGISTRY.with(|registry| *registry);
    let said = Said::default();
    let answer = registry.provider(kind).chat(target, request, &said).await;
    let shown = format!("{answer:?} {target:?}");
    assert!(!shown.contains(KEY), "the key is shown: {shown}");
    match &answer {
        Ok(answer) => {
            assert_eq!(said.pieces().concat(), answer.text, "what was said is no text of it");
        }
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(QUESTION), "the question is shown: {shown}");
            assert!(error.message.chars().count() <= 300, "{}", error.message.len());
        }
    }
    (answer, said.pieces())
}
