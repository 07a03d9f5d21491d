use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use ninja_llm::{ChatRequest, DeltaSink, Message, Part, Patience, Target, ToolChoice};
use ninja_types::{ProviderId, ProviderKind, Tier};
use tokio::sync::Notify;

/// A question, answered in at most so many tokens.
pub(crate) fn request(text: &str, max_output_tokens: u32) -> ChatRequest {
    ChatRequest {
        tier: Tier::Standard,
        model: None,
        system: "You answer in plain words.".to_owned(),
        messages: vec![Message::User { parts: vec![Part::Text { text: text.to_owned() }] }],
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        output_schema: None,
        max_output_tokens,
        temperature: Some(0.0),
        cache_hint: None,
    }
}

/// A model behind a root address, under the path that its kind has there.
pub(crate) fn target(kind: ProviderKind, root: &str, model: &str) -> Target {
    let path = match kind {
        ProviderKind::Google => "v1beta/",
        ProviderKind::Ollama => "",
        _ => "v1/",
    };
    let base_url = format!("{}/{path}", root.trim_end_matches('/'));
    Target {
        provider: ProviderId::new(),
        base_url: base_url.parse().expect("an address"),
        key: Some("sk-nobody".into()),
        model: model.to_owned(),
        request_id: "peer.1.1".to_owned(),
        context_tokens: 8_192,
        json_schema: false,
        patience: Patience { first_byte: Duration::from_mins(1), idle: Duration::from_mins(1) },
    }
}

/// Keeps what is said, and tells when it begins.
#[derive(Default)]
pub(crate) struct Heard {
    text: Mutex<String>,
    pub(crate) began: Notify,
}

impl Heard {
    pub(crate) fn text(&self) -> String {
        self.text.lock().expect("nobody panicked with it").clone()
    }
}

#[async_trait]
impl DeltaSink for Heard {
    async fn say(&self, text: &str) {
        self.text.lock().expect("nobody panicked with it").push_str(text);
        self.began.notify_one();
    }
}

/// Prints one line, and counts a failure.
pub(crate) fn told(failed: &mut u32, what: &str, holds: bool, seen: &str) {
    println!("{} {what}: {seen}", if holds { "ok  " } else { "FAIL" });
    *failed += u32::from(!holds);
}
