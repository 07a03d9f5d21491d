use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error as RFC 9457 writes it. `code` is what a program decides by; `detail` is for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained: a path of this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong, the same words for each `code`.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// Stable: `validation_failed`, `not_found`, ...
    pub code: String,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// As in `X-Request-Id` and in the server's log.
    pub request_id: String,
    /// All that is wrong with the request, field by field. Empty for most codes.
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // strings and numbers only: it cannot fail
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer into the body, `query:<name>`, `header:<name>` or `files[2]`.
    pub field: String,
    /// Which rule it breaks.
    pub code: FieldCode,
    /// The rule, as a half sentence: `must be <= 20`.
    pub message: String,
}

impl FieldError {
    /// `message` goes on after the field's name: `must be <= 20`. It never repeats the rejected value.
    pub fn new(field: impl Into<String>, code: FieldCode, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }

    pub(crate) fn sentence(&self) -> String {
        match self.field.trim_start_matches("query:").trim_start_matches('/') {
            "" => format!("The body {}", self.message),
            field => format!("{field} {}", self.message),
        }
    }
}

/// Which rule a field breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// It must be there.
    Required,
    /// There is no such field or parameter.
    UnknownField,
    /// A string where a number belongs, and so on.
    WrongType,
    /// Fewer characters or items than the least.
    TooShort,
    /// More characters or items than the most.
    TooLong,
    /// Below the minimum.
    TooSmall,
    /// Above the maximum.
    TooLarge,
    /// Not one of the words that are taken here.
    NotInEnum,
    /// Not of the form that is asked for.
    Pattern,
    /// No valid id, time, address or amount.
    Format,
    /// The same thing twice.
    Duplicate,
    /// It names something that does not exist for this caller.
    UnknownReference,
    /// A password that everybody tries first.
    TooCommon,
    /// A password that contains the e-mail address or the username.
    ContainsContext,
    /// Steps that wait for each other.
    Cycle,
    /// Known, but not in this build or installation; the message lists what is.
    NotAvailable,
}
