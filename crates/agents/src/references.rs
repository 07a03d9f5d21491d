//! `{"$step": "<key>", "pointer": "/result/…"}`: a parameter that stands for what another step will have answered. With
//! `"or"` beside it, for that where the step did not complete.

use std::collections::BTreeMap;

use ninja_types::FailureCode;
use serde_json::Value;

use crate::schema::{Fault, escape};
use crate::{StepError, StepWork};

/// One reference, where it stands and what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Below the arguments.
    pub(crate) at: String,
    pub(crate) step: String,
    pub(crate) pointer: String,
}

/// Every reference in `value`, and every object that looks like one and is none.
pub(crate) fn find(value: &Value) -> (Vec<Reference>, Vec<Fault>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    walk(value, "", &mut |at, object| match read(object) {
        Some((step, pointer, _or)) => {
            found.push(Reference { at: at.to_owned(), step: step.into(), pointer: pointer.into() });
        }
        None => faults.push(Fault::new(
            at,
            "format",
            r#"must be {"$step": "<key>", "pointer": "/result/…"}"#,
        )),
    });
    (found, faults)
}

/// `value` with each reference replaced by what it stands for.
pub(crate) fn resolve(value: &Value, work: &StepWork) -> Result<Value, StepError> {
    if let Some(reference) = is_reference(value) {
        let Some((step, pointer, or)) = read(reference) else {
            return Err(StepError::fail(
                FailureCode::PlanInvalid,
                "A reference has lost its form.",
            ));
        };
        return match or {
            Some(other) if !work.results.contains_key(step) => Ok(other.clone()),
            _ => target(step, pointer, &work.results),
        };
    }
    Ok(match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), resolve(value, work)?)))
                .collect::<Result<_, StepError>>()?,
        ),
        Value::Array(items) => {
            Value::Array(items.iter().map(|v| resolve(v, work)).collect::<Result<_, _>>()?)
        }
        plain => plain.clone(),
    })
}

fn target(
    step: &str,
    pointer: &str,
    results: &BTreeMap<String, Value>,
) -> Result<Value, StepError> {
    let missing = |what: &str| {
        let message = format!("The step `{step}` {what}, and this step needs its `{pointer}`.");
        StepError::fail(FailureCode::InputMissing, message)
    };
    let result = results.get(step).ok_or_else(|| missing("did not complete"))?;
    let below = pointer.strip_prefix("/result").unwrap_or(pointer);
    result.pointer(below).cloned().ok_or_else(|| missing("answered something else"))
}

fn walk(value: &Value, at: &str, seen: &mut dyn FnMut(&str, &serde_json::Map<String, Value>)) {
    if let Some(reference) = is_reference(value) {
        return seen(at, reference);
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(value, &format!("{at}/{}", escape(name)), seen);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                walk(value, &format!("{at}/{i}"), seen);
            }
        }
        _ => {}
    }
}

fn is_reference(value: &Value) -> Option<&serde_json::Map<String, Value>> {
    value.as_object().filter(|object| object.contains_key("$step"))
}

fn read(object: &serde_json::Map<String, Value>) -> Option<(&str, &str, Option<&Value>)> {
    let step = object.get("$step")?.as_str()?;
    let pointer = object.get("pointer")?.as_str()?;
    let or = object.get("or");
    let inside = pointer == "/result" || pointer.starts_with("/result/");
    (object.len() == 2 + usize::from(or.is_some()) && inside).then_some((step, pointer, or))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_found_wherever_they_stand() {
        let (found, faults) = find(&json!({
            "stdin": { "$step": "a", "pointer": "/result/stdout" },
            "args": ["x", { "$step": "b", "pointer": "/result" }],
            "inputs": { "a/b": { "$step": "c", "pointer": "/error" } },
        }));
        let found: Vec<_> =
            found.iter().map(|r| format!("{} {} {}", r.at, r.step, r.pointer)).collect();
        assert_eq!(found, ["/stdin a /result/stdout", "/args/1 b /result"]);
        assert_eq!(faults.iter().map(|f| &*f.pointer).collect::<Vec<_>>(), ["/inputs/a~1b"]);
    }

    #[test]
    fn a_reference_stands_for_its_value_with_its_type() {
        let results = BTreeMap::from([("a".to_owned(), json!({ "n": [1, 2] }))]);
        assert_eq!(target("a", "/result/n/1", &results).ok(), Some(json!(2)));
        for (step, pointer) in [("a", "/result/m"), ("b", "/result")] {
            let Err(StepError::Fail(failure)) = target(step, pointer, &results) else {
                panic!("found {step} {pointer}");
            };
            assert_eq!(failure.code, FailureCode::InputMissing);
        }
    }
}
