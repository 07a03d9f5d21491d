//! `results.json`: all that the report is made of. Two identical runs write identical bytes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The document.
pub(super) fn document(own: &Value, data: &BTreeMap<String, Value>) -> Value {
    let steps: Map<_, _> =
        data.iter().map(|(key, answer)| (key.clone(), lasting(answer))).collect();
    json!({
        "title": own["title"],
        "question": own["question"],
        "product": own["product"],
        "checksums": "SHA-256",
        "not_done": own["not_done"],
        "derived": own["derived"],
        "steps": steps,
    })
}

/// `answer` without ids that are new at every run: a chart is named by its path alone.
fn lasting(answer: &Value) -> Value {
    match answer {
        Value::Object(fields) => match (fields.get("artifact_id"), fields.get("path")) {
            (Some(_), Some(path)) => path.clone(),
            _ => fields
                .iter()
                .filter(|(name, _)| *name != "artifact_id")
                .map(|(name, value)| (name.clone(), lasting(value)))
                .collect::<Map<_, _>>()
                .into(),
        },
        Value::Array(items) => items.iter().map(lasting).collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_run_are_left_out() {
        let chart = json!({ "slug": "a", "png": { "artifact_id": "1", "path": "charts/a.png" }, "artifact_id": "2" });
        assert_eq!(lasting(&json!([chart])), json!([{ "slug": "a", "png": "charts/a.png" }]));
    }
}
