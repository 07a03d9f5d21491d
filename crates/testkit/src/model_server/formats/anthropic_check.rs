//! What Anthropic refuses.

use std::collections::BTreeSet;

use ninja_types::ProviderKind;
use serde_json::Value;

use super::check::{list, only, refuse, strict, text, tool_name};
use crate::model_server::{
    asked::{Asked, Offered},
    http::Request,
};

const FIELDS: &[&str] = &[
    "model",
    "messages",
    "max_tokens",
    "system",
    "stream",
    "temperature",
    "top_k",
    "top_p",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "service_tier",
    "container",
    "context_management",
    "mcp_servers",
    "output_config",
    "cache_control",
    "inference_geo",
];

pub(super) fn check(kind: ProviderKind, request: &Request, body: &Value) -> Result<Asked, String> {
    if request.header("anthropic-version").is_none() {
        return refuse("anthropic-version: header is required");
    }
    only(body, FIELDS)?;
    let mut asked = Asked::new(kind, &request.path, text(body, "model")?);
    asked.stream = body["stream"].as_bool().unwrap_or(false);
    asked.max_tokens = body["max_tokens"].as_u64().filter(|limit| *limit > 0);
    let Some(limit) = asked.max_tokens else { return refuse("max_tokens: Field required") };
    match &body["system"] {
        Value::Null => {}
        Value::String(said) => asked.texts.push(said.clone()),
        _ => {
            for block in list(body, "system")? {
                if block["type"] != "text" {
                    return refuse("system: only blocks of text");
                }
                asked.texts.push(text(block, "text")?.to_owned());
            }
        }
    }
    messages(list(body, "messages")?, &mut asked)?;
    tools(body, &mut asked)?;
    format(&body["output_config"], &mut asked)?;
    let thinking = &body["thinking"];
    let thinks = thinking["type"] == "enabled";
    let budget = thinking["budget_tokens"].as_u64().unwrap_or(0);
    if thinks && !(1024..limit).contains(&budget) {
        return refuse("thinking.budget_tokens: at least 1024 and below max_tokens");
    }
    match body["temperature"].as_f64() {
        Some(heat) if !(0.0..=1.0).contains(&heat) => return refuse("temperature: range: 0..1"),
        Some(heat) if thinks && heat < 1.0 => {
            return refuse("temperature: may only be set to 1 when thinking is enabled");
        }
        _ => {}
    }
    if body.to_string().matches("\"cache_control\"").count() > 4 {
        return refuse("A maximum of 4 blocks with cache_control may be provided.");
    }
    Ok(asked)
}

fn messages(messages: &[Value], asked: &mut Asked) -> Result<(), String> {
    let mut open = BTreeSet::new();
    for (number, message) in messages.iter().enumerate() {
        only(message, &["role", "content"])?;
        let user = match text(message, "role")? {
            "user" => true,
            "assistant" => false,
            other => return refuse(format!("messages.{number}.role: unexpected `{other}`")),
        };
        if number == 0 && !user {
            return refuse("messages: first message must use the `user` role");
        }
        let before = asked.texts.len();
        let calls = std::mem::take(&mut open);
        let mut answered = BTreeSet::new();
        if let Some(said) = message["content"].as_str() {
            if said.is_empty() {
                return refuse(format!("messages.{number}: text content must be non-empty"));
            }
            asked.texts.push(said.to_owned());
        } else {
            for block in list(message, "content")? {
                content(block, user, asked, &mut open, &mut answered)?;
            }
        }
        if calls != answered {
            return refuse(format!("messages.{number}: calls {calls:?}, results {answered:?}"));
        }
        if user && asked.texts.len() > before {
            asked.last_user = asked.texts[before..].join("\n");
        }
    }
    if open.is_empty() { Ok(()) } else { refuse(format!("these calls have no result: {open:?}")) }
}

fn content(
    block: &Value,
    user: bool,
    asked: &mut Asked,
    open: &mut BTreeSet<String>,
    answered: &mut BTreeSet<String>,
) -> Result<(), String> {
    match (block["type"].as_str().unwrap_or_default(), user) {
        ("text", _) => asked.texts.push(text(block, "text")?.to_owned()),
        ("image", true) => {
            let source = &block["source"];
            if source["type"] == "base64" {
                text(source, "media_type")?;
                text(source, "data")?;
            } else if source["type"] != "url" {
                return refuse("image.source: type must be base64 or url");
            }
            asked.texts.push("[image]".to_owned());
        }
        ("tool_use", false) => {
            tool_name(text(block, "name")?)?;
            if !block["input"].is_object() {
                return refuse("tool_use.input: Input should be a valid dictionary");
            }
            asked.texts.push(block["input"].to_string());
            open.insert(text(block, "id")?.to_owned());
        }
        ("tool_result", true) => {
            answered.insert(text(block, "tool_use_id")?.to_owned());
            match &block["content"] {
                Value::Null => {}
                Value::String(said) => asked.texts.push(said.clone()),
                blocks => asked.texts.push(blocks.to_string()),
            }
        }
        ("thinking", false) => {
            text(block, "signature")?;
            asked.texts.push(text(block, "thinking")?.to_owned());
        }
        ("redacted_thinking", false) => {}
        (other, _) => return refuse(format!("unexpected block `{other}`")),
    }
    Ok(())
}

fn tools(body: &Value, asked: &mut Asked) -> Result<(), String> {
    for tool in body["tools"].as_array().into_iter().flatten() {
        let name = text(tool, "name")?;
        tool_name(name)?;
        only(tool, &["name", "description", "input_schema", "cache_control", "strict", "type"])?;
        if tool["input_schema"]["type"] != "object" {
            return refuse(format!("tools.{name}.input_schema.type: Field required"));
        }
        let parameters = tool["input_schema"].clone();
        asked.tools.push(Offered { name: name.to_owned(), parameters });
    }
    let choice = &body["tool_choice"];
    if !choice.is_null() && asked.tools.is_empty() {
        return refuse("tool_choice may only be specified while providing tools");
    }
    asked.must_call = choice["type"] == "any" || choice["type"] == "tool";
    match choice["type"].as_str() {
        None if choice.is_null() => Ok(()),
        Some("auto" | "any" | "tool" | "none") => Ok(()),
        _ => refuse("tool_choice: unknown type"),
    }
}

fn format(config: &Value, asked: &mut Asked) -> Result<(), String> {
    let format = &config["format"];
    if format.is_null() {
        return Ok(());
    }
    if format["type"] != "json_schema" || !format["schema"].is_object() {
        return refuse("output_config.format: type json_schema with a schema");
    }
    strict(&format["schema"], false)?;
    asked.schema = Some(format["schema"].clone());
    Ok(())
}
