use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult};
use crate::problem::{FieldCode, FieldError};

/// A JSON Schema, ready to check values and to say all that is wrong with one.
pub(crate) struct Shape(Validator);

static KNOWN: RwLock<Option<HashMap<TypeId, Arc<Shape>>>> = RwLock::new(None);

impl Shape {
    /// Compiles `schema`.
    pub(crate) fn new(schema: &Value) -> ApiResult<Self> {
        let validator = jsonschema::options().should_validate_formats(true).build(schema);
        validator.map(Self).map_err(|error| ApiError::internal(error.to_string()))
    }

    /// The shape of `T`, made once per process from what the OpenAPI document shows of it.
    pub(super) fn of<T: ToSchema + 'static>() -> ApiResult<Arc<Self>> {
        Self::known(TypeId::of::<T>(), || {
            let mut parts = vec![(T::name().into_owned(), T::schema())];
            T::schemas(&mut parts);
            let parts = serde_json::to_value(parts.into_iter().collect::<HashMap<_, _>>());
            json!({
                "$ref": format!("#/components/schemas/{}", T::name()),
                "components": { "schemas": parts.unwrap_or_default() },
            })
        })
    }

    /// The shape known under `id`, or a new one of what `schema` makes.
    pub(super) fn known(id: TypeId, schema: impl Fn() -> Value) -> ApiResult<Arc<Self>> {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = known.as_ref().and_then(|all| all.get(&id)) {
            return Ok(shape.clone());
        }
        drop(known);
        let shape = Arc::new(Self::new(&schema())?);
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_default().insert(id, shape.clone());
        Ok(shape)
    }

    /// All that is wrong with `value`, which stands at the JSON pointer `at` (`""` for the whole body).
    pub(crate) fn errors(&self, value: &Value, at: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for error in self.0.iter_errors(value) {
            collect(&error, at, &mut errors);
        }
        nul(value, at, &mut errors);
        errors.sort_by(|a, b| (&a.field, a.code).cmp(&(&b.field, b.code)));
        errors.dedup_by(|a, b| a.field == b.field && a.code == b.code);
        errors
    }
}

fn collect(error: &ValidationError<'_>, at: &str, errors: &mut Vec<FieldError>) {
    let here = format!("{at}{}", error.instance_path().as_str());
    let mut say = |field: String, code, message: String| {
        errors.push(FieldError::new(field, code, message));
    };
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let message = "is no field that is known here".into();
                say(format!("{here}/{}", escape(name)), FieldCode::UnknownField, message);
            }
        }
        Kind::Required { property } => {
            let name = escape(property.as_str().unwrap_or_default());
            say(format!("{here}/{name}"), FieldCode::Required, "must be given".into());
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            branches(context, &here, at, errors);
        }
        kind => {
            let (code, message) = rule(kind);
            say(here, code, message);
        }
    }
}

/// Of several alternatives the one is told that came closest: not the `null` of an optional object.
fn branches(
    context: &[Vec<ValidationError<'_>>],
    here: &str,
    at: &str,
    errors: &mut Vec<FieldError>,
) {
    let other_type = |branch: &&Vec<ValidationError<'_>>| {
        branch.iter().any(|error| {
            matches!(error.kind(), Kind::Type { .. })
                && here.ends_with(error.instance_path().as_str())
        })
    };
    match context.iter().filter(|branch| !other_type(branch)).min_by_key(|branch| branch.len()) {
        Some(branch) => branch.iter().for_each(|error| collect(error, at, errors)),
        None => errors.push(FieldError::new(here, FieldCode::WrongType, "is of the wrong type")),
    }
}

fn rule(kind: &Kind) -> (FieldCode, String) {
    match kind {
        Kind::Type { kind } => (FieldCode::WrongType, format!("must be of type {}", types(kind))),
        Kind::MinLength { limit } => {
            (FieldCode::TooShort, format!("must have at least {limit} characters"))
        }
        Kind::MaxLength { limit } => {
            (FieldCode::TooLong, format!("must have at most {limit} characters"))
        }
        Kind::MinItems { limit } | Kind::MinProperties { limit } => {
            (FieldCode::TooShort, format!("must have at least {limit} entries"))
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            (FieldCode::TooLong, format!("must have at most {limit} entries"))
        }
        Kind::Minimum { limit } => (FieldCode::TooSmall, format!("must be >= {limit}")),
        Kind::ExclusiveMinimum { limit } => (FieldCode::TooSmall, format!("must be > {limit}")),
        Kind::Maximum { limit } => (FieldCode::TooLarge, format!("must be <= {limit}")),
        Kind::ExclusiveMaximum { limit } => (FieldCode::TooLarge, format!("must be < {limit}")),
        Kind::Enum { options } => {
            (FieldCode::NotInEnum, format!("must be one of {}", words(options)))
        }
        Kind::Constant { expected_value } => {
            (FieldCode::NotInEnum, format!("must be {expected_value}"))
        }
        Kind::Pattern { pattern } => (FieldCode::Pattern, format!("must match {pattern}")),
        Kind::Format { format } => (FieldCode::Format, format!("must be a valid {format}")),
        Kind::UniqueItems => (FieldCode::Duplicate, "must not hold the same thing twice".into()),
        Kind::PropertyNames { error } => {
            let (code, message) = rule(error.kind());
            (code, format!("has a key that breaks a rule: it {message}"))
        }
        Kind::FalseSchema => (FieldCode::UnknownField, "is not taken here".into()),
        _ => (FieldCode::Format, "is not of the form that is asked for".into()),
    }
}

fn types(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(several) => {
            let names: Vec<String> = several.iter().map(|one| one.to_string()).collect();
            names.join(" or ")
        }
    }
}

fn words(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown: Vec<String> = options
        .iter()
        .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
        .collect();
    shown.join(", ")
}

/// PostgreSQL stores no NUL in a text. Passwords are hashed, not stored, and may hold it.
fn nul(value: &Value, at: &str, errors: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains('\0') && !at.ends_with("password") => {
            errors.push(FieldError::new(
                at,
                FieldCode::Pattern,
                "must not hold the character U+0000",
            ));
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                nul(item, &format!("{at}/{n}"), errors);
            }
        }
        Value::Object(map) => {
            for (key, inner) in map {
                let here = format!("{at}/{}", escape(&key.replace('\0', "\\0")));
                if key.contains('\0') {
                    errors.push(FieldError::new(
                        &here,
                        FieldCode::Pattern,
                        "must not hold the character U+0000 in its name",
                    ));
                }
                nul(inner, &here, errors);
            }
        }
        _ => {}
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(schema: &Value, value: &Value) -> String {
        let errors = Shape::new(schema).unwrap().errors(value, "");
        let lines: Vec<_> =
            errors.iter().map(|e| format!("{} {:?}: {}", e.field, e.code, e.message)).collect();
        lines.join("\n")
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_never_the_value() {
        let schema = json!({
            "type": "object", "required": ["a", "b"], "additionalProperties": false,
            "properties": {
                "a": {"type": "string", "minLength": 3},
                "n": {"type": ["integer", "null"], "maximum": 20},
                "o": {"oneOf": [{"type": "null"}, {"type": "object", "required": ["x"],
                    "properties": {"x": {"enum": ["p", "q"]}}}]},
                "list": {"type": "array", "uniqueItems": true, "items": {"type": "string", "format": "uuid"}},
            },
        });
        let value =
            json!({"a": "\u{0}!", "n": 21, "o": {"x": "secret"}, "list": ["k", "k"], "r/~": 1});
        insta::assert_snapshot!(told(&schema, &value), @"
        /a TooShort: must have at least 3 characters
        /a Pattern: must not hold the character U+0000
        /b Required: must be given
        /list Duplicate: must not hold the same thing twice
        /list/0 Format: must be a valid uuid
        /list/1 Format: must be a valid uuid
        /n TooLarge: must be <= 20
        /o/x NotInEnum: must be one of p, q
        /r~1~0 UnknownField: is no field that is known here
        ");
    }
}
