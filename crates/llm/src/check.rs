use jsonschema::{ValidationError, Validator};
use ninja_types::ModelErrorClass;
use serde_json::Value;

use crate::answer::{Completion, Stop};
use crate::chat::ChatRequest;
use crate::error::{ProviderError, Seen};

/// What an answer must look like.
#[derive(Debug, Default)]
pub(crate) struct Shape(Option<Validator>);

impl Shape {
    /// Of what `request` asks for. A schema that is none is told before anything is bought.
    pub(crate) fn of(request: &ChatRequest) -> Result<Self, ProviderError> {
        let Some(asked) = &request.output_schema else { return Ok(Self(None)) };
        let built = jsonschema::options().build(&asked.schema);
        built.map(|validator| Self(Some(validator))).map_err(|error| {
            let message = format!("the schema of the answer is broken: {}", error.masked());
            error_of(ModelErrorClass::BadRequest, &message)
        })
    }

    /// Whether a completion is an answer. What was cut short in the middle of JSON, or does not have the shape that was
    /// asked for, is none; a refusal is one.
    pub(crate) fn check(&self, completion: &Completion) -> Result<(), ProviderError> {
        let calls = !completion.tool_calls.is_empty();
        match (&completion.stop, &self.0) {
            (Stop::ContentFilter, _) => Ok(()),
            (Stop::MaxTokens, shape) if shape.is_some() || calls => {
                Err(malformed("the answer was cut off at its limit of tokens"))
            }
            (_, Some(validator)) if !calls => fits(validator, &completion.text),
            _ => Ok(()),
        }
    }
}

fn fits(validator: &Validator, text: &str) -> Result<(), ProviderError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        // Where, never the text: it is somebody's.
        let (line, column) = (error.line(), error.column());
        malformed(&format!("the answer is no JSON: line {line}, column {column}"))
    })?;
    validator.validate(&value).map_err(|error| malformed(&told(&error)))
}

fn told(error: &ValidationError<'_>) -> String {
    format!("the answer does not fit at `{}`: {}", error.instance_path(), error.masked())
}

fn malformed(message: &str) -> ProviderError {
    error_of(ModelErrorClass::Malformed, message)
}

fn error_of(class: ModelErrorClass, message: &str) -> ProviderError {
    let message = message.chars().take(300).collect();
    let seen = Seen::default();
    ProviderError { class, status: None, code: None, message, retry_after: None, seen }
}
