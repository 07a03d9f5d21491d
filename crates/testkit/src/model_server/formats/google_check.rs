//! What Gemini refuses.

use ninja_types::ProviderKind;
use serde_json::Value;

use super::check::{list, only, refuse, text, tool_name};
use crate::model_server::{
    asked::{Asked, Offered},
    http::Request,
};

const FIELDS: &[&str] = &[
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
    "safetySettings",
    "cachedContent",
    "serviceTier",
    "store",
];
const CONFIG: &[&str] = &[
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "_responseJsonSchema",
    "responseModalities",
    "candidateCount",
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseLogprobs",
    "logprobs",
    "thinkingConfig",
    "mediaResolution",
];
const PART: &[&str] = &[
    "text",
    "thought",
    "thoughtSignature",
    "inlineData",
    // Google takes every field in the form of its schema as well.
    "inline_data",
    "functionCall",
    "functionResponse",
    "fileData",
];

/// Model and method of a path such as `models/x:generateContent`, whose colon may be written as `%3A`.
pub(super) fn method(path: &str) -> Option<(&str, bool)> {
    let path = path.strip_prefix("models/")?;
    let (model, method) = path.split_once(':').or_else(|| path.split_once("%3A"))?;
    match method {
        "streamGenerateContent" => Some((model, true)),
        "generateContent" => Some((model, false)),
        _ => None,
    }
}

pub(super) fn check(request: &Request, path: &str, body: &Value) -> Result<Asked, String> {
    let Some((model, stream)) = method(path) else { return refuse("no such method") };
    if stream && !request.query.split('&').any(|pair| pair == "alt=sse") {
        return refuse("a stream without `alt=sse` is one JSON list: nobody here wants that");
    }
    if request.query.contains("key=") {
        return refuse("a key in a URL ends in logs");
    }
    only(body, FIELDS)?;
    let mut asked = Asked::new(ProviderKind::Google, &request.path, model);
    asked.stream = stream;
    if !body["systemInstruction"].is_null() {
        parts(&body["systemInstruction"], &mut asked)?;
    }
    contents(list(body, "contents")?, &mut asked)?;
    tools(body, &mut asked)?;
    config(&body["generationConfig"], &mut asked)?;
    Ok(asked)
}

fn contents(contents: &[Value], asked: &mut Asked) -> Result<(), String> {
    let mut open = Vec::new();
    for content in contents {
        only(content, &["role", "parts"])?;
        let before = asked.texts.len();
        let names = |field: &str| -> Vec<String> {
            let parts = content["parts"].as_array().into_iter().flatten();
            let named = parts.filter_map(|part| part[field]["name"].as_str());
            named.map(str::to_owned).collect()
        };
        let answered = names("functionResponse");
        if answered != std::mem::take(&mut open) {
            return refuse(
                "the number of function response parts must equal that of the calls before",
            );
        }
        parts(content, asked)?;
        match content["role"].as_str() {
            Some("model") => open = names("functionCall"),
            Some("user") | None => asked.last_user = asked.texts[before..].join("\n"),
            Some("function") if !answered.is_empty() => {}
            Some(_) => return refuse("Please use a valid role: user, model."),
        }
    }
    if open.is_empty() { Ok(()) } else { refuse(format!("these calls have no answer: {open:?}")) }
}

fn parts(content: &Value, asked: &mut Asked) -> Result<(), String> {
    for part in list(content, "parts")? {
        only(part, PART)?;
        if let Some(said) = part["text"].as_str() {
            asked.texts.push(said.to_owned());
        } else if part["inlineData"].is_object() {
            text(&part["inlineData"], "mimeType")?;
            text(&part["inlineData"], "data")?;
            asked.texts.push("[image]".to_owned());
        } else if part["inline_data"].is_object() {
            text(&part["inline_data"], "mime_type")?;
            text(&part["inline_data"], "data")?;
            asked.texts.push("[image]".to_owned());
        } else if part["functionCall"].is_object() {
            tool_name(text(&part["functionCall"], "name")?)?;
            let arguments = &part["functionCall"]["args"];
            if !arguments.is_object() && !arguments.is_null() {
                return refuse("functionCall.args must be an object");
            }
            asked.texts.push(arguments.to_string());
        } else if part["functionResponse"].is_object() {
            text(&part["functionResponse"], "name")?;
            if !part["functionResponse"]["response"].is_object() {
                return refuse("functionResponse.response must be an object");
            }
            asked.texts.push(part["functionResponse"]["response"].to_string());
        } else {
            return refuse("a part must have one initialised field `data`");
        }
    }
    Ok(())
}

fn tools(body: &Value, asked: &mut Asked) -> Result<(), String> {
    for tool in body["tools"].as_array().into_iter().flatten() {
        for function in list(tool, "functionDeclarations")? {
            let known = [
                "name",
                "description",
                "parameters",
                "parametersJsonSchema",
                "behavior",
                "response",
                "responseJsonSchema",
            ];
            only(function, &known)?;
            let name = text(function, "name")?;
            tool_name(name)?;
            let (old, new) = (&function["parameters"], &function["parametersJsonSchema"]);
            if !old.is_null() && !new.is_null() {
                return refuse("`parameters` and `parametersJsonSchema` exclude each other");
            }
            if old.get("additionalProperties").is_some() || old.get("$schema").is_some() {
                return refuse("`parameters` knows no `additionalProperties` and no `$schema`");
            }
            let parameters = if old.is_null() { new } else { old }.clone();
            asked.tools.push(Offered { name: name.to_owned(), parameters });
        }
    }
    match body["toolConfig"]["functionCallingConfig"]["mode"].as_str() {
        None | Some("AUTO" | "NONE" | "VALIDATED") => {}
        Some("ANY") if !asked.tools.is_empty() => asked.must_call = true,
        _ => return refuse("toolConfig.functionCallingConfig.mode"),
    }
    Ok(())
}

fn config(config: &Value, asked: &mut Asked) -> Result<(), String> {
    if config.is_null() {
        return Ok(());
    }
    only(config, CONFIG)?;
    asked.max_tokens = config["maxOutputTokens"].as_u64();
    let schemas = ["responseSchema", "responseJsonSchema", "_responseJsonSchema"];
    let mut given = schemas.iter().filter_map(|name| config.get(name));
    let is_json = config["responseMimeType"] == "application/json";
    match (given.next(), given.next()) {
        (Some(_), Some(_)) => return refuse("only one schema of the answer may be set"),
        (Some(_), None) if !is_json => {
            return refuse("a schema of the answer needs the mime type `application/json`");
        }
        (Some(schema), None) => asked.schema = Some(schema.clone()),
        (None, _) if is_json => asked.schema = Some(serde_json::json!({"type": "object"})),
        (None, _) => {}
    }
    if is_json && !asked.tools.is_empty() {
        return refuse(
            "Function calling with a response mime type: 'application/json' is unsupported",
        );
    }
    Ok(())
}
