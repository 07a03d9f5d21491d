//! What the formats check alike.

use serde_json::Value;

/// A refusal, in the words of the server.
pub(super) fn refuse<T>(sentence: impl Into<String>) -> Result<T, String> {
    Err(sentence.into())
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    match value[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text),
        _ => refuse(format!("`{name}` must be a text that is not empty")),
    }
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], String> {
    match value[name].as_array() {
        Some(list) if !list.is_empty() => Ok(list),
        _ => refuse(format!("`{name}` must be a list that is not empty")),
    }
}

/// Refuses fields that the vendor does not know.
pub(super) fn only(value: &Value, known: &[&str]) -> Result<(), String> {
    let Some(object) = value.as_object() else { return refuse("an object was expected") };
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => refuse(format!("unknown field `{name}`")),
        None => Ok(()),
    }
}

/// Refuses a name that no vendor takes for a tool or schema.
pub(super) fn tool_name(name: &str) -> Result<(), String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if (1..=64).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    refuse(format!("`{name}` is no name of a tool"))
}

/// Refuses a schema that is not strict: every object closed, and for OpenAI every property required.
pub(super) fn strict(schema: &Value, all_required: bool) -> Result<(), String> {
    if let Some(properties) = schema["properties"].as_object() {
        if schema["additionalProperties"] != Value::Bool(false) {
            return refuse("a strict schema needs `additionalProperties: false` in every object");
        }
        for (name, inner) in properties {
            let required = schema["required"].as_array().into_iter().flatten();
            if all_required && !required.into_iter().any(|one| one == name) {
                return refuse(format!("a strict schema must require `{name}`"));
            }
            strict(inner, all_required)?;
        }
    }
    if schema["items"].is_object() {
        strict(&schema["items"], all_required)?;
    }
    for inner in schema["anyOf"].as_array().into_iter().flatten() {
        strict(inner, all_required)?;
    }
    for inner in schema["$defs"].as_object().into_iter().flat_map(|defs| defs.values()) {
        strict(inner, all_required)?;
    }
    Ok(())
}
