//! One value against one JSON Schema: every fault, each with its place in the request and a code of the contract.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON Pointer into the request body.
    pub pointer: String,
    /// Stable: `required`, `unknown_field`, `too_large`, ….
    pub code: &'static str,
    /// What would be right.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// The JSON Schema of `T`.
pub(crate) fn of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// The JSON Schema of a `T` that is answered: what may be null is there all the same.
pub(crate) fn of_output<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Every fault of `value`; their pointers begin with `at`.
pub(crate) fn check(schema: &Value, value: &Value, at: &str) -> Vec<Fault> {
    match jsonschema::options().should_validate_formats(true).build(schema) {
        Ok(validator) => {
            validator.iter_errors(value).flat_map(|error| faults(&error, at)).collect()
        }
        Err(broken) => vec![Fault::new(at, "format", format!("the schema is broken: {broken}"))],
    }
}

/// Puts in what the schema's top level gives a default for and `object` does not say.
pub(crate) fn fill_defaults(schema: &Value, object: &mut Map<String, Value>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, property) in properties {
        if let (Some(default), false) = (property.get("default"), object.contains_key(name)) {
            object.insert(name.clone(), default.clone());
        }
    }
}

/// `name` as a part of a JSON Pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn faults(error: &ValidationError<'_>, at: &str) -> Vec<Fault> {
    let here = format!("{at}{}", error.instance_path());
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let fault = |name: &String| {
                Fault::new(format!("{here}/{}", escape(name)), "unknown_field", "is not known here")
            };
            unexpected.iter().map(fault).collect()
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Fault::new(format!("{here}/{}", escape(name)), "required", "must be given")]
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => nearest(context, error, at),
        kind => {
            let (code, message) = said(kind);
            vec![Fault::new(here, code, message)]
        }
    }
}

/// Of alternatives that all failed, the one that came closest: the one whose errors lie deepest, so that "or null"
/// does not hide what is wrong inside.
fn nearest(
    context: &[Vec<ValidationError<'static>>],
    whole: &ValidationError<'_>,
    at: &str,
) -> Vec<Fault> {
    let depth = |errors: &&Vec<ValidationError<'static>>| {
        let not_type = |e: &ValidationError<'_>| !matches!(e.kind(), Kind::Type { .. });
        errors.iter().map(|e| (e.instance_path().as_str().len(), not_type(e))).max()
    };
    let best = context.iter().max_by_key(depth);
    let found: Vec<_> = best.into_iter().flatten().flat_map(|error| faults(error, at)).collect();
    if found.is_empty() {
        let here = format!("{at}{}", whole.instance_path());
        return vec![Fault::new(here, "wrong_type", "is none of the forms that are possible here")];
    }
    found
}

/// Code of the contract and rule. Never the value itself: it may be a secret.
fn said(kind: &Kind) -> (&'static str, String) {
    match kind {
        Kind::Type { kind } => ("wrong_type", format!("must be {}", types(kind))),
        Kind::MinLength { limit } => {
            ("too_short", format!("must have at least {limit} characters"))
        }
        Kind::MaxLength { limit } => ("too_long", format!("must have at most {limit} characters")),
        Kind::MinItems { limit } => ("too_short", format!("must have at least {limit} items")),
        Kind::MaxItems { limit } => ("too_long", format!("must have at most {limit} items")),
        Kind::MinProperties { limit } => {
            ("too_short", format!("must have at least {limit} fields"))
        }
        Kind::MaxProperties { limit } => ("too_long", format!("must have at most {limit} fields")),
        Kind::Minimum { limit } => ("too_small", format!("must be >= {limit}")),
        Kind::Maximum { limit } => ("too_large", format!("must be <= {limit}")),
        Kind::ExclusiveMinimum { limit } => ("too_small", format!("must be > {limit}")),
        Kind::ExclusiveMaximum { limit } => ("too_large", format!("must be < {limit}")),
        Kind::Enum { options } => ("not_in_enum", format!("must be one of {options}")),
        Kind::Constant { expected_value } => ("not_in_enum", format!("must be {expected_value}")),
        Kind::Pattern { pattern } => ("pattern", format!("must match {pattern}")),
        Kind::Format { format } => ("format", format!("must be a {format}")),
        // An object without fields has no list of names that are too many: each is forbidden by itself.
        Kind::FalseSchema => ("unknown_field", "is not known here".to_owned()),
        Kind::UniqueItems => ("duplicate", "must not hold anything twice".to_owned()),
        other => ("format", format!("does not satisfy `{}`", other.keyword())),
    }
}

fn types(kind: &TypeKind) -> String {
    let name = |json: JsonType| json.to_string();
    match kind {
        TypeKind::Single(one) => name(*one),
        TypeKind::Multiple(many) => {
            let named = many.iter().filter(|json| *json != JsonType::Null).map(name);
            named.collect::<Vec<_>>().join(" or ")
        }
    }
}
