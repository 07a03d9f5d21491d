//! `/api/chat`, `/api/tags` and `/api/show`, of Ollama.

use std::collections::BTreeSet;

use ninja_types::ProviderKind;
use serde_json::{Value, json};

use super::{
    Event, Format, Framing, Route,
    check::{list, only, refuse, text, tool_name},
};
use crate::model_server::{
    answer::Answer,
    asked::{Asked, Offered},
    http::Request,
    reply::{Refusal, Stop},
};

/// Tokens of the window that every listed model has.
const WINDOW: u64 = 131_072;
/// Tokens of the window without `num_ctx`, on a machine with a small graphics card.
const SMALL_WINDOW: u64 = 4_096;
const FIELDS: &[&str] = &[
    "model",
    "messages",
    "tools",
    "format",
    "options",
    "stream",
    "keep_alive",
    "think",
    "logprobs",
    "top_logprobs",
];

#[derive(Debug)]
pub(super) struct Ollama;

impl Format for Ollama {
    fn route(&self, request: &Request, path: &str) -> Route {
        match (request.method.as_str(), path) {
            ("POST", "api/chat") => Route::Chat,
            ("GET", "api/tags") => Route::Models,
            ("POST", "api/show") => Route::Show,
            _ => Route::Unknown,
        }
    }

    fn key(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    fn check(&self, request: &Request, _path: &str, body: &Value) -> Result<Asked, String> {
        only(body, FIELDS)?;
        let mut asked = Asked::new(ProviderKind::Ollama, &request.path, text(body, "model")?);
        asked.stream = body["stream"].as_bool().unwrap_or(true);
        asked.window = Some(body["options"]["num_ctx"].as_u64().unwrap_or(SMALL_WINDOW));
        asked.max_tokens = body["options"]["num_predict"].as_u64();
        messages(list(body, "messages")?, &mut asked)?;
        for tool in body["tools"].as_array().into_iter().flatten() {
            let function = &tool["function"];
            let name = text(function, "name")?;
            tool_name(name)?;
            if tool["type"] != "function" || !function["parameters"].is_object() {
                return refuse(format!("the tool `{name}` needs type `function` and parameters"));
            }
            let parameters = function["parameters"].clone();
            asked.tools.push(Offered { name: name.to_owned(), parameters });
        }
        match &body["format"] {
            Value::Null => {}
            Value::String(word) if word == "json" => asked.schema = Some(json!({"type": "object"})),
            schema if schema.is_object() => asked.schema = Some(schema.clone()),
            _ => return refuse("`format` must be `json` or a schema"),
        }
        Ok(asked)
    }

    fn events(&self, asked: &Asked, answer: &Answer) -> Vec<Event> {
        let piece = |message: Value| Event::piece(&line(asked, &message));
        let said = |field: &str, text: &str| {
            let mut message = json!({"role": "assistant", "content": ""});
            message[field] = json!(text);
            message
        };
        let mut events: Vec<_> =
            answer.reasoning.iter().map(|text| piece(said("thinking", text))).collect();
        events.extend(answer.text.iter().map(|text| piece(said("content", text))));
        if !answer.calls.is_empty() {
            let message = json!({"role": "assistant", "content": "", "tool_calls": calls(answer)});
            events.push(piece(message));
        }
        let mut last = line(asked, &json!({"role": "assistant", "content": ""}));
        end(&mut last, answer);
        events.push(Event::frame(&last));
        events
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn whole(&self, asked: &Asked, answer: &Answer) -> Value {
        let mut message = json!({"role": "assistant", "content": answer.text.concat()});
        if !answer.reasoning.is_empty() {
            message["thinking"] = json!(answer.reasoning.concat());
        }
        if !answer.calls.is_empty() {
            message["tool_calls"] = calls(answer);
        }
        let mut whole = line(asked, &message);
        end(&mut whole, answer);
        whole
    }

    fn error(&self, refusal: &Refusal, model: &str) -> Value {
        let message = match refusal.status {
            401 => "unauthorized".to_owned(),
            404 => format!("model '{model}' not found"),
            429 => "too many requests".to_owned(),
            503 => "server busy, please try again.  maximum pending requests exceeded".to_owned(),
            500.. => "llama runner process has terminated: exit status 2".to_owned(),
            _ => "invalid request".to_owned(),
        };
        json!({"error": refusal.message.clone().unwrap_or(message)})
    }

    fn models(&self, names: &[String]) -> Value {
        let model = |name: &String| {
            json!({"name": name, "model": name, "modified_at": "2025-06-15T00:00:00Z", "size": 2_019_393_189_u64,
                "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
                "details": details()})
        };
        json!({"models": names.iter().map(model).collect::<Vec<_>>()})
    }

    fn show(&self, _name: &str) -> Value {
        json!({"modelfile": "", "parameters": "", "template": "", "details": details(),
            "model_info": {"general.architecture": "llama", "llama.context_length": WINDOW,
                "llama.embedding_length": 3072},
            "capabilities": ["completion", "tools"], "modified_at": "2025-06-15T00:00:00Z"})
    }
}

fn details() -> Value {
    json!({"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
        "parameter_size": "3.2B", "quantization_level": "Q4_K_M"})
}

fn messages(messages: &[Value], asked: &mut Asked) -> Result<(), String> {
    let mut called = BTreeSet::new();
    for message in messages {
        let Some(said) = message["content"].as_str() else {
            return refuse("the content of a message must be a text");
        };
        asked.texts.push(said.to_owned());
        match message["role"].as_str() {
            Some("system") => {}
            Some("user") => said.clone_into(&mut asked.last_user),
            Some("assistant") => {
                for call in message["tool_calls"].as_array().into_iter().flatten() {
                    let name = text(&call["function"], "name")?;
                    if !call["function"]["arguments"].is_object() {
                        return refuse("the arguments of a call must be an object");
                    }
                    asked.texts.push(call["function"]["arguments"].to_string());
                    called.insert(name.to_owned());
                }
            }
            Some("tool") if called.contains(text(message, "tool_name")?) => {}
            Some("tool") => return refuse("no call stands before the message of its tool"),
            other => return refuse(format!("unknown role {other:?}")),
        }
        for image in message["images"].as_array().into_iter().flatten() {
            if image.as_str().is_none_or(|data| data.starts_with("data:")) {
                return refuse("a picture must be plain base64");
            }
        }
    }
    Ok(())
}

fn line(asked: &Asked, message: &Value) -> Value {
    json!({"model": asked.model, "created_at": "2025-06-15T08:00:00.000000Z", "message": message,
        "done": false})
}

fn calls(answer: &Answer) -> Value {
    let call = |call: &crate::model_server::answer::Called| json!({"function": {"name": call.name, "arguments": call.arguments}});
    answer.calls.iter().map(call).collect()
}

fn end(line: &mut Value, answer: &Answer) {
    line["done"] = json!(true);
    // A call of a tool ends like anything else.
    line["done_reason"] = match &answer.stop {
        Stop::MaxTokens => json!("length"),
        Stop::Other(word) => json!(word),
        _ => json!("stop"),
    };
    line["total_duration"] = json!(4_883_583_458_u64);
    line["load_duration"] = json!(1_334_875_u64);
    if let Some(usage) = answer.usage {
        line["prompt_eval_count"] = json!(usage.input);
        line["prompt_eval_duration"] = json!(342_546_000_u64);
        line["eval_count"] = json!(usage.output);
        line["eval_duration"] = json!(4_535_599_000_u64);
    }
}
