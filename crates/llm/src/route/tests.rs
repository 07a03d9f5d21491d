use ninja_types::{ProviderId, ProviderKind};

use super::*;
use crate::RateLimits;
use crate::chat::{ToolChoice, ToolSpec};
use crate::settings::{ModelSettings, Source};

fn config(pairs: &[(&str, &str)]) -> LlmConfig {
    let pairs: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    LlmConfig::load(pairs.into_iter()).unwrap()
}

fn provider(kind: ProviderKind, name: &str, models: &[&str]) -> ProviderSettings {
    let model =
        |name: &&str| ModelSettings { name: (*name).to_owned(), features: None, prices: None };
    ProviderSettings {
        id: ProviderId::new(),
        kind,
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/".parse().unwrap(),
        key: None,
        models: models.iter().map(model).collect(),
        self_hosted: false,
        priority: 0,
        limits: RateLimits::default(),
        source: Source::Config,
    }
}

fn both() -> Vec<ProviderSettings> {
    vec![
        provider(ProviderKind::OpenAi, "openai", &[]),
        provider(ProviderKind::Anthropic, "anthropic", &[]),
    ]
}

fn request() -> ChatRequest {
    ChatRequest {
        tier: Tier::Standard,
        model: None,
        system: String::new(),
        messages: Vec::new(),
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens: 1_000,
        temperature: None,
        cache_hint: None,
    }
}

/// The names that are asked, then those that are not, with the reason.
fn told(config: &LlmConfig, enabled: &[ProviderSettings], request: &ChatRequest) -> String {
    let table = PriceTable::load(&config.calls).unwrap();
    let input = crate::estimate::of_request(request);
    let route = route(config, &table, enabled, request, input);
    let asked: Vec<_> = route.candidates.iter().map(Candidate::name).collect();
    let not: Vec<_> = route.dropped.iter().map(|(name, why)| format!("{name} {why}")).collect();
    format!("{} | {}", asked.join(" "), not.join(", "))
}

const LISTS: &[(&str, &str)] = &[(
    "NINJA_LLM__MODELS__STANDARD",
    "openai/gpt-5.4 anthropic/claude-sonnet-5 google/gemini-3.8-flash",
)];

#[test]
fn the_list_of_the_tier_is_asked_in_its_order_and_who_is_not_there_is_passed_over() {
    assert_eq!(
        told(&config(LISTS), &both(), &request()),
        "openai/gpt-5.4 anthropic/claude-sonnet-5 | google/gemini-3.8-flash disabled"
    );
}

#[test]
fn a_pinned_model_is_first_and_the_others_follow_unless_the_pin_is_exact() {
    let pinned =
        ChatRequest { model: Some("anthropic/claude-sonnet-5".parse().unwrap()), ..request() };
    assert_eq!(
        told(&config(LISTS), &both(), &pinned),
        "anthropic/claude-sonnet-5 openai/gpt-5.4 | google/gemini-3.8-flash disabled"
    );
    let exact = config(&[LISTS[0], ("NINJA_LLM__PIN_IS_EXACT", "true")]);
    assert_eq!(told(&exact, &both(), &pinned), "anthropic/claude-sonnet-5 | ");
}

#[test]
fn fallback_never_leaves_the_allow_list_not_even_for_a_pinned_model() {
    let narrow = config(&[LISTS[0], ("NINJA_LLM__ALLOW", "openai")]);
    let pinned =
        ChatRequest { model: Some("anthropic/claude-opus-5".parse().unwrap()), ..request() };
    assert_eq!(
        told(&narrow, &both(), &pinned),
        "openai/gpt-5.4 | anthropic/claude-opus-5 not_allowed, anthropic/claude-sonnet-5 not_allowed, google/gemini-3.8-flash disabled"
    );
}

#[test]
fn a_model_that_cannot_do_what_is_asked_is_passed_over() {
    let lists = config(&[(
        "NINJA_LLM__MODELS__STANDARD",
        "openai/gpt-6-sol openai/gpt-5.4 deepseek/deepseek-v4-pro",
    )]);
    let mut enabled = both();
    enabled.push(provider(ProviderKind::DeepSeek, "deepseek", &[]));
    let tool = ToolSpec {
        name: "finish".to_owned(),
        description: String::new(),
        parameters: serde_json::json!({}),
    };
    let tools = ChatRequest { tools: vec![tool], ..request() };
    assert_eq!(
        told(&lists, &enabled, &tools),
        "openai/gpt-5.4 deepseek/deepseek-v4-pro | openai/gpt-6-sol lacks_tools"
    );
    let picture = Part::Image { media_type: "image/png".to_owned(), data: "aGk=".to_owned() };
    let shows = ChatRequest { messages: vec![Message::User { parts: vec![picture] }], ..request() };
    assert_eq!(
        told(&lists, &enabled, &shows),
        "openai/gpt-6-sol openai/gpt-5.4 | deepseek/deepseek-v4-pro lacks_vision"
    );
}

#[test]
fn a_request_that_no_window_holds_is_too_long() {
    let long = ChatRequest { system: "x".repeat(4_000_000), ..request() };
    let (config, enabled) = (config(LISTS), both());
    let table = PriceTable::load(&config.calls).unwrap();
    let input = crate::estimate::of_request(&long);
    let route = route(&config, &table, &enabled, &long, input);
    assert!(matches!(route.fault(), CallFault::ContextTooLong));
}

#[test]
fn without_a_provider_there_is_no_model() {
    let config = config(LISTS);
    let table = PriceTable::load(&config.calls).unwrap();
    assert!(matches!(route(&config, &table, &[], &request(), 10).fault(), CallFault::NoModel));
}

#[test]
fn a_server_of_ones_own_serves_every_tier_by_its_priority_after_the_lists() {
    let mut enabled = both();
    let mut late = provider(ProviderKind::Compatible, "late", &["b"]);
    late.priority = 9;
    enabled.push(late);
    enabled.push(provider(ProviderKind::Ollama, "ollama", &["llama3"]));
    assert_eq!(
        told(&config(LISTS), &enabled, &request()),
        "openai/gpt-5.4 anthropic/claude-sonnet-5 ollama/llama3 late/b | google/gemini-3.8-flash disabled"
    );
}
