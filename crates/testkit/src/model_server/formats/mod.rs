//! One file for each wire format, written from the vendors' public documentation and from no client library: what the
//! product sends is held against what the vendor takes, and what it gets is what the vendor sends.

mod anthropic;
mod anthropic_check;
mod check;
mod google;
mod google_check;
mod ollama;
mod openai;
mod openai_check;

use ninja_types::ProviderKind;
use serde_json::Value;

use super::{answer::Answer, asked::Asked, http::Request, reply::Refusal};

/// A format.
pub(super) trait Format: Sync {
    /// What a request at this path is for.
    fn route(&self, request: &Request, path: &str) -> Route;

    /// The vendor's header of the key, and what stands in it before the key; `None`: no key is needed.
    fn key(&self) -> Option<(&'static str, &'static str)>;

    /// Reads a request for an answer, and refuses what the vendor refuses.
    fn check(&self, request: &Request, path: &str, body: &Value) -> Result<Asked, String>;

    /// The answer as events.
    fn events(&self, asked: &Asked, answer: &Answer) -> Vec<Event>;

    /// How events follow each other.
    fn framing(&self) -> Framing;

    /// The answer in one piece.
    fn whole(&self, asked: &Asked, answer: &Answer) -> Value;

    /// The body of an error.
    fn error(&self, refusal: &Refusal, model: &str) -> Value;

    /// The list of models, or what is known of one.
    fn models(&self, names: &[String]) -> Value;

    /// What is known of one model, where the format asks for it.
    fn show(&self, _name: &str) -> Value {
        Value::Null
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Chat,
    Models,
    Show,
    Unknown,
}

/// One event of a stream.
#[derive(Debug)]
pub(super) struct Event {
    /// Its name, where the format gives one.
    pub(super) name: Option<&'static str>,
    pub(super) data: String,
    /// It carries a piece of text, reasoning or arguments.
    pub(super) piece: bool,
}

impl Event {
    /// Around the pieces.
    pub(super) fn frame(data: &Value) -> Self {
        Self { name: None, data: data.to_string(), piece: false }
    }

    /// A piece.
    pub(super) fn piece(data: &Value) -> Self {
        Self { piece: true, ..Self::frame(data) }
    }

    pub(super) fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }
}

/// How events follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events.
    Events,
    /// The same with the line ends of Windows.
    EventsCrLf,
    /// A JSON value in each line.
    Lines,
}

impl Framing {
    pub(super) fn media(self) -> &'static str {
        match self {
            Self::Events | Self::EventsCrLf => "text/event-stream; charset=utf-8",
            Self::Lines => "application/x-ndjson",
        }
    }

    pub(super) fn write(self, event: &Event) -> String {
        match (self, event.name) {
            (Self::Events, Some(name)) => format!("event: {name}\ndata: {}\n\n", event.data),
            (Self::Events, None) if event.data.starts_with(':') => format!("{}\n\n", event.data),
            (Self::Events, None) => format!("data: {}\n\n", event.data),
            (Self::EventsCrLf, _) => format!("data: {}\r\n\r\n", event.data),
            (Self::Lines, _) => format!("{}\n", event.data),
        }
    }
}

/// The format of a kind.
pub(super) fn of(kind: ProviderKind) -> &'static dyn Format {
    match kind {
        ProviderKind::OpenAi => &openai::OpenAi(openai::Flavour::OpenAi),
        ProviderKind::DeepSeek => &openai::OpenAi(openai::Flavour::DeepSeek),
        ProviderKind::Compatible => &openai::OpenAi(openai::Flavour::Compatible),
        ProviderKind::Anthropic => &anthropic::Anthropic,
        ProviderKind::Google => &google::Google,
        ProviderKind::Ollama => &ollama::Ollama,
    }
}

/// What stands in the path before that of the vendor.
pub(super) const fn base(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::OpenAi => "/openai/v1/",
        ProviderKind::DeepSeek => "/deepseek/v1/",
        ProviderKind::Compatible => "/compatible/v1/",
        ProviderKind::Anthropic => "/anthropic/v1/",
        ProviderKind::Google => "/google/v1beta/",
        ProviderKind::Ollama => "/ollama/",
    }
}

/// The kind that a path is for, and the rest of it. A path without a kind is known by its own form, so that a client
/// that is pointed at the server by hand finds what it knows.
pub(super) fn kind_of(path: &str) -> Option<(ProviderKind, &str)> {
    for kind in ProviderKind::ALL {
        if let Some(rest) = path.strip_prefix(base(*kind)) {
            return Some((*kind, rest));
        }
    }
    let rest = path.strip_prefix('/')?;
    let kind = if rest.starts_with("api/") {
        return Some((ProviderKind::Ollama, rest));
    } else if let Some(rest) = rest.strip_prefix("v1beta/") {
        return Some((ProviderKind::Google, rest));
    } else if rest.starts_with("v1/messages") {
        ProviderKind::Anthropic
    } else {
        ProviderKind::Compatible
    };
    Some((kind, rest.strip_prefix("v1/")?))
}
