use ninja_types::ProviderKind;
use serde_json::{Value, json};

/// What a valid request asks for, whatever its format.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) kind: ProviderKind,
    pub(super) path: String,
    pub(super) model: String,
    pub(super) stream: bool,
    /// The format reports usage in a stream only to those who ask.
    pub(super) wants_usage: bool,
    /// Everything that is said, in its order.
    pub(super) texts: Vec<String>,
    pub(super) last_user: String,
    pub(super) tools: Vec<Offered>,
    pub(super) must_call: bool,
    pub(super) schema: Option<Value>,
    pub(super) max_tokens: Option<u64>,
    /// The window that the server was asked to hold; what does not fit is lost in silence, as Ollama does it.
    pub(super) window: Option<u64>,
    pub(super) call_no: Option<u32>,
}

/// A tool that the model may call.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub(super) name: String,
    pub(super) parameters: Value,
}

impl Asked {
    pub(super) fn new(kind: ProviderKind, path: &str, model: &str) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            model: model.to_owned(),
            stream: false,
            wants_usage: true,
            texts: Vec::new(),
            last_user: String::new(),
            tools: Vec::new(),
            must_call: false,
            schema: None,
            max_tokens: None,
            window: None,
            call_no: None,
        }
    }

    pub(super) fn says(&self, marker: &str) -> bool {
        self.texts.iter().any(|text| text.contains(marker))
    }

    /// Tokens that were read: of this server's own, which has four bytes in each.
    pub(super) fn tokens(&self) -> u64 {
        let texts = self.texts.iter().map(|text| tokens(text)).sum::<u64>();
        let tools =
            self.tools.iter().map(|tool| tokens(&tool.name) + tokens(&tool.parameters.to_string()));
        let read = texts + tools.sum::<u64>();
        self.window.map_or(read, |window| read.min(window))
    }
}

/// Tokens of a text, of four bytes each.
pub(super) fn tokens(text: &str) -> u64 {
    u64::try_from(text.len().div_ceil(4)).expect("a length fits")
}

/// The smallest value that a schema takes: what the server answers when nobody scripted anything else.
pub(super) fn example(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(fixed) = schema.get("const") {
        return fixed.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind.map(str::to_ascii_lowercase).as_deref() {
        Some("string") => json!("echo"),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") if schema["minItems"].as_u64().is_some_and(|least| least > 0) => {
            json!([example(&schema["items"])])
        }
        Some("array") => json!([]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten();
            let named = required.filter_map(Value::as_str);
            named.map(|name| (name.to_owned(), example(&schema["properties"][name]))).collect()
        }
    }
}
