use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::json;

use crate::person::Person;
use crate::server::{Answer, Request, Server};

fn tokens(access: &str, refresh: &str) -> Answer {
    Answer::json(
        200,
        &json!({
            "access_token": access, "refresh_token": refresh, "token_type": "bearer",
            "expires_in": 600, "refresh_expires_in": 1_209_600, "user": {"email": "ada@example.org"},
        }),
    )
}

fn me() -> Answer {
    Answer::json(200, &json!({ "email": "ada@example.org", "role": "user" }))
}

#[test]
fn eight_commands_at_once_refresh_a_login_once() {
    let server = Server::start(|request| {
        if request.is("POST /api/v1/auth/refresh") { tokens("second", "itr_second") } else { me() }
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", -5);
    let running: Vec<_> = (0..8).map(|_| ada.starts(&["whoami"])).collect();
    for command in running {
        assert!(command.wait_with_output().unwrap().status.success());
    }
    let refreshed: Vec<_> =
        server.requests().into_iter().filter(|one| one.is("POST /api/v1/auth/refresh")).collect();
    assert_eq!(refreshed.len(), 1, "a refresh token is good once");
    assert_eq!(refreshed[0].body, r#"{"refresh_token":"itr_first"}"#);
    assert_eq!(ada.login().unwrap()["refresh_token"], "itr_second");
}

#[test]
fn a_token_that_is_refused_as_too_old_is_refreshed_and_the_request_repeated() {
    let server = Server::start(|request| {
        if request.is("POST /api/v1/auth/refresh") {
            return tokens("second", "itr_second");
        }
        match request.header("authorization") {
            Some("Bearer second") => me(),
            _ => Answer::problem(401, "token_expired"),
        }
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600); // her clock is behind
    let ended = ada.runs(&["whoami", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(ended.json()["email"], "ada@example.org");
}

#[test]
fn a_login_that_ended_is_forgotten_and_says_what_to_do() {
    let server = Server::start(|_| Answer::problem(401, "refresh_token_reused"));
    let ada = Person::new();
    ada.logged_in(&server.url, "first", -5);
    let ended = ada.runs(&["task", "list"]);
    assert_eq!(ended.code, 4);
    assert_snapshot!(ended.stderr, @"error: Your login has ended (refresh_token_reused). Run: ninjactl login");
    assert!(ada.login().is_none());
}

#[test]
fn tokens_are_sent_to_nobody_but_the_api_that_gave_them() {
    let other = Server::start(|_| me());
    let ada = Person::new();
    ada.logged_in("http://127.0.0.1:9/", "first", 600);
    let ended = ada.runs(&["--api-url", &other.url, "whoami"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(other.requests().is_empty());
}

#[test]
fn a_key_is_used_instead_of_a_login() {
    let server = Server::start(|_| me());
    let variables = [("NINJA_API_KEY", "itn_live_canary"), ("NINJA_API_URL", server.url.as_str())];
    let ended = Person::new().runs_with(&variables, &["whoami"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(!(ended.stdout + &ended.stderr).contains("canary"));
    let asked = server.requests();
    assert_eq!(asked[0].header("x-api-key"), Some("itn_live_canary"));
    assert_eq!(asked[0].header("authorization"), None);
}

#[test]
fn a_password_comes_from_standard_input_and_the_login_is_kept() {
    let server = Server::start(|_| tokens("first", "itr_first"));
    let ada = Person::new();
    let args = ["--api-url", &server.url, "login", "ada@example.org", "--password-stdin"];
    let ended = ada.types("violet-harbor\nmore", &[], &args);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let sent = &server.requests()[0].body;
    assert_eq!(sent, r#"{"email":"ada@example.org","password":"violet-harbor"}"#);
    assert_eq!(ada.login().unwrap()["api_url"], server.url);
}

#[test]
fn a_refusal_is_one_sentence_with_its_code_and_a_document_for_programs() {
    let refuse = |_: &Request| {
        Answer::json(
            422,
            &json!({
                "status": 422, "code": "validation_failed", "title": "The request is not valid",
                "detail": "2 fields are not valid.", "request_id": "0199", "errors": [
                    {"field": "/parameters/steps", "code": "required", "message": "is required"},
                    {"field": "/tags/0", "code": "too_long", "message": "must have at most 50 characters"},
                ],
            }),
        )
    };
    let server = Server::start(refuse);
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    let ended = ada.runs(&["--json", "task", "create", "--parameters", "{}", "--description", "x"]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.json()["error"]["errors"][1]["field"], "/tags/0");
    assert_snapshot!(ended.stderr, @r"
    error: 2 fields are not valid. (422 validation_failed)
      /parameters/steps: is required (required)
      /tags/0: must have at most 50 characters (too_long)
    ");
}

#[test]
fn a_server_that_is_starting_is_waited_for() {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Answer::problem(503, "unavailable"),
        _ => me(),
    });
    let ada = Person::new();
    ada.logged_in(&server.url, "first", 600);
    assert_eq!(ada.runs(&["whoami"]).code, 0);
    assert_eq!(server.requests().len(), 3);
}
