use std::fmt;

use reqwest::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::screen::plain;

/// An error of the API (RFC 9457), as a person should read it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The stable code.
    pub(crate) code: String,
    title: String,
    detail: String,
    request_id: String,
    errors: Vec<FieldError>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct FieldError {
    field: String,
    code: String,
    message: String,
}

impl Problem {
    /// Reads the body of a refusal. What is no problem document (a load balancer's page) keeps at least its status.
    pub(crate) async fn of(response: Response) -> Self {
        let status = response.status();
        let body = response.bytes().await.unwrap_or_default();
        let mut problem: Self = serde_json::from_slice(&body).unwrap_or_default();
        if problem.code.is_empty() {
            "no_problem_document".clone_into(&mut problem.code);
            problem.detail =
                format!("The server answered {status} without a description of the problem.");
        }
        problem.status = status.as_u16();
        problem
    }

    /// Whether another login or another right would help.
    pub(crate) fn is_about_identity(&self) -> bool {
        let rights = ["forbidden", "insufficient_scope", "session_required", "account_disabled"];
        self.status == 401 || rights.contains(&self.code.as_str())
    }

    /// Whether the access token, and not the login, is what was refused.
    pub(crate) fn is_stale_token(&self) -> bool {
        self.status == 401 && ["token_expired", "invalid_token"].contains(&self.code.as_str())
    }

    /// For `--json`.
    pub(crate) fn document(&self) -> Value {
        let errors = self.errors.iter();
        let errors: Vec<_> = errors
            .map(|one| json!({"field": one.field, "code": one.code, "message": one.message}))
            .collect();
        json!({
            "status": self.status, "code": self.code, "title": self.title, "detail": self.detail,
            "request_id": self.request_id, "errors": errors,
        })
    }

    fn advice(&self) -> Option<&'static str> {
        match self.code.as_str() {
            "unauthenticated" | "session_revoked" | "refresh_token_reused" => {
                Some("Run: ninjactl login")
            }
            "invalid_api_key" => Some("Look at the variable NINJA_API_KEY."),
            "internal" => Some("The server's log has the cause under this request id."),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = if self.detail.is_empty() { &self.title } else { &self.detail };
        write!(f, "{} ({} {})", plain(sentence), self.status, plain(&self.code))?;
        for one in &self.errors {
            let told = sentence.contains(&one.message) && self.errors.len() == 1;
            if told && sentence.contains(one.field.rsplit('/').next().unwrap_or_default()) {
                continue;
            }
            write!(f, "\n  {}: {} ({})", plain(&one.field), plain(&one.message), plain(&one.code))?;
        }
        if self.status >= 500 && !self.request_id.is_empty() {
            write!(f, "\n  request {}", plain(&self.request_id))?;
        }
        match self.advice() {
            Some(advice) => write!(f, "\n  {advice}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn problem(document: Value) -> Problem {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn one_fault_is_one_sentence() {
        let one = problem(json!({
            "status": 422, "code": "validation_failed", "detail": "num_sources must be <= 20.",
            "errors": [{"field": "/parameters/num_sources", "code": "too_large", "message": "must be <= 20"}],
        }));
        assert_snapshot!(one, @"num_sources must be <= 20. (422 validation_failed)");
    }

    #[test]
    fn every_field_is_named() {
        let two = problem(json!({
            "status": 422, "code": "validation_failed", "detail": "2 fields are not valid.",
            "errors": [
                {"field": "/title", "code": "too_long", "message": "must have at most 200 characters"},
                {"field": "/color", "code": "unknown_field", "message": "is unknown"},
            ],
        }));
        assert_snapshot!(two, @r"
        2 fields are not valid. (422 validation_failed)
          /title: must have at most 200 characters (too_long)
          /color: is unknown (unknown_field)
        ");
    }

    #[test]
    fn a_fault_of_ours_names_the_request() {
        let ours = problem(json!({
            "status": 500, "code": "internal", "title": "Internal error", "request_id": "0199-abc",
        }));
        assert_snapshot!(ours, @r"
        Internal error (500 internal)
          request 0199-abc
          The server's log has the cause under this request id.
        ");
    }
}
