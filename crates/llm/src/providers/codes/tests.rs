//! A fixture for every row: what the vendor answers, as it answers it.

use ninja_types::ProviderId;
use reqwest::header::HeaderMap;
use serde_json::json;

use super::*;
use crate::error::Seen;
use crate::provider::{Patience, Target};
use crate::providers::fault::Exchange;
use crate::providers::{anthropic, compatible, deepseek, google, openai};

fn error(body: &str, status: u16, tables: &'static [Table]) -> crate::ProviderError {
    let patience = std::time::Duration::from_secs(1);
    let target = Target {
        provider: ProviderId::new(),
        base_url: "http://127.0.0.1/".parse().unwrap(),
        key: None,
        model: "m".to_owned(),
        request_id: "1.1.1".to_owned(),
        context_tokens: 8_192,
        json_schema: true,
        patience: Patience { first_byte: patience, idle: patience },
    };
    let exchange = Exchange { target: &target, request: None, tables };
    match status {
        // Told in the stream of an answer.
        200 => exchange.reported(&serde_json::from_str(body).unwrap(), Seen::default()),
        _ => exchange.refused(status, &HeaderMap::new(), body),
    }
}

/// An error of OpenAI's format; DeepSeek and the compatible ones write the same.
fn openai_error(code: &str, kind: &str, message: &str) -> String {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}}).to_string()
}

fn anthropic_error(kind: &str, message: &str) -> String {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
        .to_string()
}

fn google_error(code: u16, status: &str, message: &str, reason: Option<&str>) -> String {
    let details = reason.map(|reason| {
        json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}])
    });
    json!({"error": {"code": code, "status": status, "message": message, "details": details}})
        .to_string()
}

type Fixture = (&'static [Table], u16, String, ModelErrorClass);

fn of_openai() -> Vec<Fixture> {
    let tables = openai::DIALECT.tables;
    let fixture = |status, code: &str, kind: &str, message: &str, class| {
        (tables, status, openai_error(code, kind, message), class)
    };
    let quota = "You exceeded your current quota, please check your plan and billing details.";
    let invalid = "invalid_request_error";
    vec![
        fixture(429, "insufficient_quota", "insufficient_quota", quota, Billing),
        fixture(
            400,
            "billing_hard_limit_reached",
            invalid,
            "Billing hard limit has been reached",
            Billing,
        ),
        fixture(
            429,
            "billing_not_active",
            "billing_not_active",
            "Your account is not active.",
            Billing,
        ),
        fixture(
            400,
            "context_length_exceeded",
            invalid,
            "Input tokens exceed the configured limit.",
            ContextLength,
        ),
        fixture(
            400,
            "string_above_max_length",
            invalid,
            "Invalid 'messages[1].content'",
            ContextLength,
        ),
        fixture(400, "content_filter", invalid, "The response was filtered.", ContentFilter),
        fixture(
            400,
            "content_policy_violation",
            invalid,
            "Rejected by our safety system.",
            ContentFilter,
        ),
        fixture(401, "invalid_api_key", invalid, "Incorrect API key provided: sk-ab***yz.", Auth),
        fixture(400, "account_deactivated", invalid, "This account has been deactivated.", Auth),
        fixture(400, "model_not_found", invalid, "The model `m` does not exist.", NotFound),
        fixture(200, "rate_limit_exceeded", "tokens", "Rate limit reached for m.", Rate),
        fixture(
            500,
            "engine_overloaded",
            "server_error",
            "The engine is currently overloaded.",
            Overloaded,
        ),
        fixture(429, "slow_down", "server_error", "Slow down.", Overloaded),
        fixture(200, "server_error", "server_error", "Error in input stream", Server),
    ]
}

fn of_anthropic() -> Vec<Fixture> {
    let tables = anthropic::DIALECT.tables;
    let fixture = |status, kind: &str, message: &str, class| {
        (tables, status, anthropic_error(kind, message), class)
    };
    let invalid = "invalid_request_error";
    vec![
        fixture(400, invalid, "prompt is too long: 210000 tokens > 200000 maximum", ContextLength),
        fixture(
            400,
            invalid,
            "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
            ContextLength,
        ),
        fixture(
            400,
            invalid,
            "Your credit balance is too low to access the Anthropic API.",
            Billing,
        ),
        fixture(400, invalid, "Output blocked by content filtering policy", ContentFilter),
        fixture(200, "overloaded_error", "Overloaded", Overloaded),
        fixture(200, "rate_limit_error", "Number of request tokens has exceeded your limit", Rate),
        fixture(401, "authentication_error", "invalid x-api-key", Auth),
        fixture(403, "permission_error", "Your API key does not have permission.", Auth),
        fixture(402, "billing_error", "There is an issue with your billing.", Billing),
        fixture(404, "not_found_error", "model: m", NotFound),
        fixture(413, "request_too_large", "Request exceeds the maximum size", ContextLength),
        fixture(504, "timeout_error", "Request timed out", Server),
        fixture(200, "api_error", "Internal server error", Server),
    ]
}

fn of_google() -> Vec<Fixture> {
    let tables = google::DIALECT.tables;
    let fixture = |status, word: &str, message: &str, reason, class| {
        (tables, status, google_error(status, word, message, reason), class)
    };
    let long =
        "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).";
    let free = "Gemini API free tier is not available in your country. Please enable billing on your project.";
    vec![
        fixture(400, "INVALID_ARGUMENT", "API key not valid.", Some("API_KEY_INVALID"), Auth),
        fixture(
            403,
            "PERMISSION_DENIED",
            "Billing is disabled.",
            Some("BILLING_DISABLED"),
            Billing,
        ),
        fixture(400, "FAILED_PRECONDITION", free, None, Billing),
        fixture(400, "INVALID_ARGUMENT", long, None, ContextLength),
        fixture(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials.",
            None,
            Auth,
        ),
        fixture(403, "PERMISSION_DENIED", "The caller does not have permission", None, Auth),
        fixture(404, "NOT_FOUND", "models/m is not found for API version v1beta", None, NotFound),
        fixture(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted", None, Rate),
        fixture(503, "UNAVAILABLE", "The model is overloaded.", None, Overloaded),
        fixture(504, "DEADLINE_EXCEEDED", "Deadline expired", None, Server),
        fixture(500, "INTERNAL", "An internal error has occurred.", None, Server),
    ]
}

fn of_the_others() -> Vec<Fixture> {
    let (deepseek, compatible) = (deepseek::DIALECT.tables, compatible::DIALECT.tables);
    let ollama: &'static [Table] = &[OLLAMA];
    let told = |message: &str| json!({"error": message}).to_string();
    let say =
        |message: &str| openai_error("invalid_request_error", "invalid_request_error", message);
    let named =
        |kind: &str| json!({"error": {"code": 400, "message": "no", "type": kind}}).to_string();
    let long = "This model's maximum context length is 65536 tokens. However, you requested 70000.";
    let pulled = "model \"m\" not found, try pulling it first";
    vec![
        (deepseek, 402, say("Insufficient Balance"), Billing),
        (deepseek, 400, say(long), ContextLength),
        (deepseek, 400, say("Content Exists Risk"), ContentFilter),
        (deepseek, 400, say("Model Not Exist"), NotFound),
        (deepseek, 401, named("authentication_error"), Auth),
        (compatible, 400, named("exceed_context_size_error"), ContextLength),
        (compatible, 400, say("the request exceeds the available context size."), ContextLength),
        (compatible, 400, say(long), ContextLength),
        (compatible, 400, named("ContextWindowExceededError"), ContextLength),
        (compatible, 400, named("BudgetExceededError"), Billing),
        (compatible, 400, named("authentication_error"), Auth),
        (compatible, 400, named("unavailable_error"), Overloaded),
        (compatible, 400, named("not_found_error"), NotFound),
        (ollama, 404, told(pulled), NotFound),
        (ollama, 400, told("the input length exceeds maximum context length"), ContextLength),
        (ollama, 400, told("the prompt exceeds the available context size"), ContextLength),
        (ollama, 500, told("server busy, maximum pending requests exceeded"), Overloaded),
        (ollama, 200, told("model requires more system memory (9 GiB) than is available"), Server),
    ]
}

fn fixtures() -> Vec<Fixture> {
    [of_openai(), of_anthropic(), of_google(), of_the_others()].concat()
}

#[test]
fn classes_of_every_vendor_code() {
    for (tables, status, body, class) in fixtures() {
        let error = error(&body, status, tables);
        assert_eq!(error.class, class, "{status} {body}");
        assert_eq!(error.status, Some(status).filter(|status| *status != 200), "{body}");
        assert!(!error.message.is_empty(), "{body}");
    }
}

#[test]
fn every_row_is_reached_by_a_fixture_and_by_none_before_it() {
    let fixtures = fixtures();
    for table in [OPENAI, ANTHROPIC, GOOGLE, DEEPSEEK, COMPATIBLE, OLLAMA] {
        for row in table {
            let alone = |body: &str| {
                let text = body.to_lowercase();
                match row.0 {
                    Code(code) => body.contains(&format!("\"{code}\"")),
                    Says(words) => text.contains(words),
                }
            };
            let reached = fixtures.iter().any(|(tables, _, body, class)| {
                tables.iter().any(|known| std::ptr::eq(*known, table))
                    && alone(body)
                    && *class == row.1
            });
            assert!(reached, "no fixture for {row:?}");
        }
    }
}

#[test]
fn classes_of_every_status_that_no_code_explains() {
    let expected = [
        (301, Broken),
        (400, BadRequest),
        (401, Auth),
        (402, Billing),
        (403, Auth),
        (404, NotFound),
        (405, BadRequest),
        (408, Server),
        (409, BadRequest),
        (413, ContextLength),
        (418, BadRequest),
        (422, BadRequest),
        (425, Server),
        (429, Rate),
        (499, BadRequest),
        (500, Server),
        (502, Server),
        (503, Overloaded),
        (504, Server),
        (507, Server),
        (529, Overloaded),
        (599, Server),
    ];
    for tables in [
        openai::DIALECT.tables,
        anthropic::DIALECT.tables,
        google::DIALECT.tables,
        deepseek::DIALECT.tables,
        compatible::DIALECT.tables,
        &[OLLAMA],
    ] {
        for (status, class) in expected {
            for body in
                ["", "<html>nginx</html>", "{}", r#"{"error":{"message":"m","code":"brand_new"}}"#]
            {
                assert_eq!(error(body, status, tables).class, class, "{status} {body}");
            }
        }
    }
}

#[test]
fn a_fault_in_the_stream_has_the_status_that_a_gateway_gives_it() {
    let told = |code: u16| {
        json!({"error": {"code": code, "message": "Provider returned error"}}).to_string()
    };
    let tables = compatible::DIALECT.tables;
    assert_eq!(error(&told(402), 200, tables).class, Billing);
    assert_eq!(error(&told(429), 200, tables).class, Rate);
    assert_eq!(error(&told(502), 200, tables).class, Server);
    assert_eq!(error(r#"{"error":{"message":"brand new"}}"#, 200, tables).class, Server);
    assert_eq!(error(r#"{"error":"plain words"}"#, 200, tables).message, "plain words");
}
