//! What OpenAI and its likes refuse.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    check::{list, only, refuse, strict, text, tool_name},
    openai::Flavour,
};
use crate::model_server::{
    asked::{Asked, Offered},
    http::Request,
};

const FIELDS: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "n",
    "stop",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning_effort",
    "verbosity",
    "seed",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "service_tier",
    "store",
    "metadata",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "presence_penalty",
    "frequency_penalty",
    "modalities",
    "prediction",
    "web_search_options",
    "audio",
    "functions",
    "function_call",
];

pub(super) fn check(flavour: Flavour, request: &Request, body: &Value) -> Result<Asked, String> {
    if !request.header("content-type").is_some_and(|media| media.starts_with("application/json")) {
        return refuse("the content type must be application/json");
    }
    if flavour == Flavour::OpenAi {
        only(body, FIELDS)?;
    }
    let mut asked = Asked::new(flavour.kind(), &request.path, text(body, "model")?);
    asked.stream = body["stream"].as_bool().unwrap_or(false);
    if !asked.stream && !body["stream_options"].is_null() {
        return refuse("`stream_options` is only for streams");
    }
    asked.wants_usage = body["stream_options"]["include_usage"].as_bool().unwrap_or(false);
    messages(flavour, list(body, "messages")?, &mut asked)?;
    limits(flavour, body, &mut asked)?;
    tools(body, &mut asked)?;
    response_format(flavour, &body["response_format"], &mut asked)?;
    Ok(asked)
}

fn messages(flavour: Flavour, messages: &[Value], asked: &mut Asked) -> Result<(), String> {
    let mut open = BTreeSet::new();
    for message in messages {
        let role = text(message, "role")?;
        if role != "tool" && !open.is_empty() {
            return refuse(format!("these calls have no answer: {open:?}"));
        }
        match role {
            "developer" if flavour == Flavour::DeepSeek => {
                return refuse("unknown role `developer`");
            }
            "system" | "developer" => content(message, asked)?,
            "user" => {
                let before = asked.texts.len();
                content(message, asked)?;
                asked.last_user = asked.texts[before..].join("\n");
            }
            "assistant" => {
                if !message["content"].is_null() {
                    content(message, asked)?;
                }
                for call in message["tool_calls"].as_array().into_iter().flatten() {
                    open.insert(called(call, asked)?);
                }
                if message["content"].is_null() && open.is_empty() {
                    return refuse("an assistant says something or calls something");
                }
            }
            "tool" => {
                let id = text(message, "tool_call_id")?;
                if !open.remove(id) {
                    return refuse(format!("no call `{id}` stands before the message of its tool"));
                }
                content(message, asked)?;
            }
            other => return refuse(format!("unknown role `{other}`")),
        }
    }
    if open.is_empty() { Ok(()) } else { refuse(format!("these calls have no answer: {open:?}")) }
}

fn content(message: &Value, asked: &mut Asked) -> Result<(), String> {
    if let Some(text) = message["content"].as_str() {
        asked.texts.push(text.to_owned());
        return Ok(());
    }
    for part in list(message, "content")? {
        match part["type"].as_str() {
            Some("text") => {
                let said = part["text"].as_str().ok_or("a part of text has no text")?;
                asked.texts.push(said.to_owned());
            }
            Some("image_url") if message["role"] == "user" => {
                let url = text(&part["image_url"], "url")?;
                if !url.starts_with("data:image/") && !url.starts_with("https://") {
                    return refuse("a picture must be a data URL or an https URL");
                }
                asked.texts.push("[image]".to_owned());
            }
            other => return refuse(format!("unknown part {other:?}")),
        }
    }
    Ok(())
}

fn called(call: &Value, asked: &mut Asked) -> Result<String, String> {
    if call["type"] != "function" {
        return refuse("a call must be of type `function`");
    }
    tool_name(text(&call["function"], "name")?)?;
    let Some(arguments) = call["function"]["arguments"].as_str() else {
        return refuse("the arguments of a call must be a text");
    };
    asked.texts.push(arguments.to_owned());
    text(call, "id").map(str::to_owned)
}

fn limits(flavour: Flavour, body: &Value, asked: &mut Asked) -> Result<(), String> {
    let (old, new) = (&body["max_tokens"], &body["max_completion_tokens"]);
    let reasons = flavour == Flavour::OpenAi
        && ["gpt-5", "o1", "o3", "o4"].iter().any(|family| asked.model.starts_with(family));
    match (old.is_null(), new.is_null()) {
        (false, false) => {
            return refuse("`max_tokens` and `max_completion_tokens` exclude each other");
        }
        (false, true) if reasons => {
            return refuse(
                "`max_tokens` is not supported with this model: use `max_completion_tokens`",
            );
        }
        (true, false) if flavour == Flavour::DeepSeek => {
            return refuse("unknown field `max_completion_tokens`");
        }
        _ => {}
    }
    let limit = if old.is_null() { new } else { old };
    if !limit.is_null() && limit.as_u64().is_none_or(|limit| limit == 0) {
        return refuse("the limit of tokens must be at least 1");
    }
    asked.max_tokens = limit.as_u64();
    match &body["temperature"] {
        Value::Null => Ok(()),
        heat if heat.as_f64().is_some_and(|heat| (0.0..=2.0).contains(&heat)) => Ok(()),
        _ => refuse("`temperature` must be between 0 and 2"),
    }
}

fn tools(body: &Value, asked: &mut Asked) -> Result<(), String> {
    if body["tools"].is_null() {
        return match &body["tool_choice"] {
            Value::Null => Ok(()),
            choice if choice == "none" => Ok(()),
            _ => refuse("`tool_choice` is only allowed when `tools` are specified"),
        };
    }
    for tool in list(body, "tools")? {
        let function = &tool["function"];
        let name = text(function, "name")?;
        tool_name(name)?;
        if tool["type"] != "function" || function["parameters"]["type"] != "object" {
            return refuse(format!(
                "the tool `{name}` needs type `function` and parameters of type `object`"
            ));
        }
        if function["strict"] == true {
            strict(&function["parameters"], true)?;
        }
        let parameters = function["parameters"].clone();
        asked.tools.push(Offered { name: name.to_owned(), parameters });
    }
    let choice = &body["tool_choice"];
    asked.must_call = choice == "required" || choice.is_object();
    let known = choice.is_null() || choice.is_object();
    if known || ["none", "auto", "required"].iter().any(|word| choice == word) {
        return Ok(());
    }
    refuse("`tool_choice` is none of auto, none, required")
}

fn response_format(flavour: Flavour, format: &Value, asked: &mut Asked) -> Result<(), String> {
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        Some("text") => Ok(()),
        Some("json_object") => {
            let named = asked.texts.iter().any(|text| text.to_ascii_lowercase().contains("json"));
            if !named && flavour != Flavour::Compatible {
                return refuse("the messages must contain the word `json` to use `json_object`");
            }
            asked.schema = Some(serde_json::json!({"type": "object"}));
            Ok(())
        }
        Some("json_schema") if flavour == Flavour::DeepSeek => {
            refuse("This response_format type is unavailable now")
        }
        Some("json_schema") => {
            let wanted = &format["json_schema"];
            tool_name(text(wanted, "name")?)?;
            if !wanted["schema"].is_object() {
                return refuse("`json_schema` needs a `schema`");
            }
            if wanted["strict"] == true {
                strict(&wanted["schema"], true)?;
            }
            asked.schema = Some(wanted["schema"].clone());
            Ok(())
        }
        _ => refuse("`response_format` has an unknown type"),
    }
}
