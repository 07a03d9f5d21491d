//! The errors that every route has: each operation of the document is asked in each wrong way.

use std::time::{Duration, Instant};

use ninja_api::{Grant, Operation, Registry};
use ninja_testkit::{Answer, Client, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// An id that nothing has, and a word.
const NOBODY: &str = "01990000-0000-7000-8000-000000000000";

struct Asked {
    operation: Operation,
    method: Method,
    path: String,
    /// The content type that its body must have.
    takes: Option<String>,
}

fn operations() -> Vec<Asked> {
    let document = ninja_api::openapi();
    let json = serde_json::to_value(&document).expect("the document is JSON");
    let registry = Registry::new(&document).expect("every route is described");
    let asked = |operation: &Operation| {
        let word = operation.method.as_str().to_lowercase();
        let content = &json["paths"][&operation.path][word]["requestBody"]["content"];
        let takes = content.as_object().and_then(|kinds| kinds.keys().next().cloned());
        let part = |part: &str| match part {
            "{type}" => "coder".to_owned(),
            part if part.starts_with('{') => NOBODY.to_owned(),
            part => part.to_owned(),
        };
        Asked {
            method: operation.method.as_str().parse().expect("a method"),
            path: operation.path.split('/').map(part).collect::<Vec<_>>().join("/"),
            takes,
            operation: operation.clone(),
        }
    };
    registry.operations().map(asked).collect()
}

/// Asks every operation of `which` as `ask` says, and names those that do not answer with this status and code.
async fn each(
    which: impl Fn(&Asked) -> bool,
    ask: impl Fn(&Asked) -> RequestBuilder,
    status: u16,
    code: &str,
) {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for asked in operations().iter().filter(|asked| which(asked)) {
        let answer = Answer::of(ask(asked)).await;
        let problem = answer.headers["content-type"] == "application/problem+json";
        let field = answer.json["errors"].as_array().is_some();
        if answer.status != status || answer.json["code"] != code || !problem || !field {
            wrong.push(format!("{}: {answer}", asked.operation.id));
        }
        seen += 1;
    }
    assert!(wrong.is_empty() && seen > 0, "{seen} asked:\n{}", wrong.join("\n"));
}

/// Answers of their own kind, whatever the product's state: what monitors look at.
fn is_probe(asked: &Asked) -> bool {
    !asked.path.starts_with("/api/v1/") || asked.path == "/api/v1/health"
}

/// A socket is refused before its upgrade: `sockets` has its tests.
fn is_plain(asked: &Asked) -> bool {
    !is_probe(asked) && !asked.path.contains("/ws")
}

fn request(client: &Client, asked: &Asked, query: &str) -> RequestBuilder {
    let request = client.request(asked.method.clone(), &format!("{}{query}", asked.path));
    match asked.takes.as_deref() {
        Some("application/json") => request.json(&json!({})),
        _ => request,
    }
}

#[tokio::test]
async fn a_secret_in_the_query_is_refused_everywhere() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    each(|_| true, |asked| request(&alice, asked, "?access_token=x"), 400, "secret_in_query").await;
}

#[tokio::test]
async fn a_parameter_that_no_route_knows_is_refused_everywhere() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.admin("alice").await;
    each(|_| true, |asked| request(&alice, asked, "?skip=10"), 422, "validation_failed").await;
}

#[tokio::test]
async fn a_body_of_another_type_or_encoding_is_refused_everywhere() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.admin("alice").await;
    let takes = |asked: &Asked| asked.takes.is_some();
    let text = |asked: &Asked| {
        let request = alice.request(asked.method.clone(), &asked.path);
        request.header("Content-Type", "text/plain").body("hello")
    };
    each(takes, text, 415, "unsupported_media_type").await;
    let json = |asked: &Asked| asked.takes.as_deref() == Some("application/json");
    let packed = |asked: &Asked| request(&alice, asked, "").header("Content-Encoding", "gzip");
    each(json, packed, 415, "unsupported_media_type").await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.admin("alice").await;
    let json = |asked: &Asked| asked.takes.as_deref() == Some("application/json");
    let large = |asked: &Asked| {
        let request = alice.request(asked.method.clone(), &asked.path);
        let body = format!("\"{}\"", "x".repeat(1024 * 1024));
        request.header("Content-Type", "application/json").body(body)
    };
    each(json, large, 413, "body_too_large").await;
}

#[tokio::test]
async fn a_body_that_breaks_its_schema_is_refused_with_the_field() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.admin("alice").await;
    let json = |asked: &Asked| asked.takes.as_deref() == Some("application/json");
    let unknown = |asked: &Asked| {
        let body: Value = json!({ "no_such_field": 1 });
        alice.request(asked.method.clone(), &asked.path).json(&body)
    };
    each(json, unknown, 422, "validation_failed").await;
    let broken = |asked: &Asked| {
        let request = alice.request(asked.method.clone(), &asked.path);
        request.header("Content-Type", "application/json").body("{\"a\": ")
    };
    each(json, broken, 400, "malformed_request").await;
}

#[tokio::test]
async fn who_asks_too_often_is_sent_away_everywhere() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_LIMITS__USER__REQUESTS_PER_MINUTE", "1")
        .set("NINJA_LIMITS__ADMIN__REQUESTS_PER_MINUTE", "1")
        .set("NINJA_SECURITY__ANONYMOUS_RATE", "1/1m")
        .start()
        .await;
    let (alice, admin) = (app.user("alice").await, app.admin("root").await);
    alice.get("/api/v1/auth/me").await;
    admin.get("/api/v1/auth/me").await;
    let metrics = |asked: &Asked| asked.operation.grant == Grant::Metrics;
    each(metrics, |asked| request(&admin, asked, ""), 429, "rate_limited").await;
    let stranger = app.anonymous();
    stranger.get("/").await;
    let probes = ["/livez", "/readyz", "/health", "/api/v1/health"];
    let page =
        |asked: &Asked| is_probe(asked) && !metrics(asked) && !probes.contains(&&*asked.path);
    each(page, |asked| request(&stranger, asked, ""), 429, "rate_limited").await;
    let open = |asked: &Asked| is_plain(asked) && asked.operation.grant != Grant::Public;
    each(open, |asked| request(&alice, asked, ""), 429, "rate_limited").await;
}

#[tokio::test]
async fn without_postgresql_every_route_says_that_it_is_unavailable() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await; // never seen since: nobody remembers that her session lives
    app.engines().0.stop();
    let asks = |asked: &Asked| is_plain(asked) && asked.operation.grant != Grant::Public;
    each(asks, |asked| request(&alice, asked, ""), 503, "unavailable").await;
    for (route, body) in doors() {
        let answer = app.anonymous().post(route, &body).await;
        assert_eq!((answer.status, &answer.json["code"]), (503, &json!("unavailable")), "{route}");
    }
    for route in ["/health", "/api/v1/health", "/readyz"] {
        // What was seen a second ago may be told once more.
        let mut pause = tokio::time::interval(Duration::from_millis(100));
        let end = Instant::now() + Duration::from_secs(10);
        while app.anonymous().get(route).await.status != 503 {
            assert!(Instant::now() < end, "{route} does not notice");
            pause.tick().await;
        }
    }
}

/// The ways in, each with a body that is good as far as it can be told without looking.
fn doors() -> [(&'static str, Value); 3] {
    let who = json!({ "email": "ada@example.org", "password": "violet-harbor-lantern-42" });
    [
        ("/api/v1/auth/register", who.clone()),
        ("/api/v1/auth/login", who),
        ("/api/v1/auth/refresh", json!({ "refresh_token": "itr_unknown" })),
    ]
}

#[tokio::test]
async fn the_ways_in_are_counted_by_themselves() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_SECURITY__REGISTER_RATE", "1/1h")
        .set("NINJA_SECURITY__LOGIN_RATE", "1/15m")
        .set("NINJA_SECURITY__REFRESH_RATE", "1/1m")
        .start()
        .await;
    for (route, body) in doors() {
        app.anonymous().post(route, &body).await;
        let answer = app.anonymous().post(route, &body).await;
        assert_eq!((answer.status, &answer.json["code"]), (429, &json!("rate_limited")), "{route}");
    }
}

#[tokio::test]
async fn the_documentation_brings_all_of_its_files() {
    let app = TestApp::with().workers(0).start().await;
    let stranger = app.anonymous();
    let (status, page) = stranger.bytes("/docs").await;
    let page = String::from_utf8(page).expect("a page is text");
    let named = page.split(['"', '\'']).filter_map(|part| part.strip_prefix("/docs/"));
    let named: Vec<_> = named.filter(|name| name.contains('.')).collect();
    assert!(status == 200 && named.len() >= 2, "{page}");
    for name in named {
        assert_eq!(stranger.bytes(&format!("/docs/{name}")).await.0, 200, "{name}");
    }
}
