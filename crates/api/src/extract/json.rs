//! JSON read strictly: no key twice, no more than 64 levels.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use crate::error::{ApiError, Code};

const NESTING: usize = 64;

/// Reads `bytes`, or says at which line and column they are no JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::new(Code::MalformedRequest, "The body is empty: send JSON."));
    }
    strict(bytes).map_err(|error| {
        ApiError::new(
            Code::MalformedRequest,
            format!("The body is not the JSON it should be: {error}."),
        )
    })
}

/// The same for what is no body.
pub(crate) fn strict(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { left: NESTING }.deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// SHA-256 of `value` written with sorted keys: equal for bodies that mean the same.
pub(crate) fn fingerprint(value: &Value) -> [u8; 32] {
    fn feed(value: &Value, hash: &mut Sha256) {
        match value {
            Value::Object(map) => {
                let mut pairs: Vec<_> = map.iter().collect();
                pairs.sort_by_key(|(key, _)| *key);
                hash.update(b"{");
                for (key, inner) in pairs {
                    hash.update(Value::from(key.as_str()).to_string());
                    feed(inner, hash);
                }
                hash.update(b"}");
            }
            Value::Array(items) => {
                hash.update(b"[");
                for item in items {
                    feed(item, hash);
                }
                hash.update(b"]");
            }
            plain => hash.update(plain.to_string() + ","),
        }
    }
    let mut hash = Sha256::new();
    feed(value, &mut hash);
    hash.finalize().into()
}

#[derive(Clone, Copy)]
struct Strict {
    left: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        Ok(Self { left: left.ok_or_else(|| E::custom("nested more than 64 levels deep"))? })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut all = Map::new();
        while let Some(key) = pairs.next_key::<String>()? {
            if all.contains_key(&key) {
                let shown: String = key.chars().take(40).collect();
                return Err(A::Error::custom(format_args!("the key {shown:?} stands twice")));
            }
            all.insert(key, pairs.next_value_seed(inner)?);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn detail(text: &str) -> String {
        parse(text.as_bytes()).map_or_else(|error| error.to_string(), |value| value.to_string())
    }

    #[test]
    fn a_fault_is_told_with_line_and_column() {
        insta::assert_snapshot!(detail("{\n  \"a\": 1,\n  \"a\": 2\n}"), @r#"malformed_request: The body is not the JSON it should be: the key "a" stands twice at line 3 column 5."#);
        insta::assert_snapshot!(detail("{\"a\": }"), @"malformed_request: The body is not the JSON it should be: expected value at line 1 column 7.");
        insta::assert_snapshot!(detail(" \n"), @"malformed_request: The body is empty: send JSON.");
        insta::assert_snapshot!(detail("{} {}"), @"malformed_request: The body is not the JSON it should be: trailing characters at line 1 column 4.");
    }

    #[test]
    fn sixty_four_levels_are_read_and_sixty_five_are_not() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert!(detail(&nested(65)).contains("64 levels"));
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn the_order_of_keys_does_not_change_the_fingerprint() {
        let one = json!({"a": 1, "b": [1, {"c": null}]});
        let same = parse(br#"{"b":[1,{"c":null}],"a":1}"#).unwrap();
        assert_eq!(fingerprint(&one), fingerprint(&same));
        assert_ne!(fingerprint(&one), fingerprint(&json!({"a": 1, "b": [[1], {"c": null}]})));
        assert_ne!(fingerprint(&json!([12, 3])), fingerprint(&json!([1, 23])));
    }
}
