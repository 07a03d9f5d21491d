//! JSON in one form only: keys sorted, no spaces. Replay compares requests by its hash, so the form outlives releases.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of the canonical form.
pub(crate) fn sha256(value: &Value) -> [u8; 32] {
    let mut text = String::new();
    write(value, &mut text);
    Sha256::digest(text.as_bytes()).into()
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.keys().collect();
            names.sort_unstable();
            between(out, ('{', '}'), names, |name, out| {
                write(&Value::String(name.clone()), out);
                out.push(':');
                write(&fields[name], out);
            });
        }
        Value::Array(items) => between(out, ('[', ']'), items, write),
        plain => out.push_str(&plain.to_string()),
    }
}

fn between<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    mut one: impl FnMut(T, &mut String),
) {
    out.push(open);
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        one(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_change_the_form() {
        let mut text = String::new();
        write(&json!({ "b": [1, "ä\n", null], "a": { "z": 0.5, "y": true } }), &mut text);
        assert_eq!(text, r#"{"a":{"y":true,"z":0.5},"b":[1,"ä\n",null]}"#);
    }
}
