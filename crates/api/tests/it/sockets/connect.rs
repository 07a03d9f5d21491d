use ninja_testkit::{Dial, TestApp};
use serde_json::json;

use super::alone;

#[tokio::test]
async fn a_script_connects_with_its_token_and_is_greeted() {
    let app = alone().await;
    let alice = app.user("alice").await;
    for path in ["/ws", "/api/v1/ws"] {
        let mut socket = alice.dial().path(path).open().await;
        assert_eq!(socket.protocol, None);
        let mut hello = socket.expect("hello").await;
        let me = alice.get("/api/v1/auth/me").await.json["id"].take();
        assert_eq!(hello["user_id"], me);
        assert_eq!(hello["connection_id"].take().as_str().map(str::len), Some(36));
        hello["user_id"].take();
        assert_eq!(
            hello,
            json!({"type": "hello", "protocol": "ninja.v1", "connection_id": null, "user_id": null,
                   "heartbeat_seconds": 20, "max_subscriptions": 64})
        );
        socket.send(&json!({"type": "ping", "id": "a4"})).await;
        assert_eq!(socket.next().await, Some(json!({"type": "pong", "id": "a4"})));
        assert_eq!(socket.close().await, 1000);
    }
    let named = alice.dial().header("sec-websocket-protocol", "ninja.v1").open().await;
    assert_eq!(named.protocol.as_deref(), Some("ninja.v1"));
}

#[tokio::test]
async fn a_page_connects_with_a_ticket_which_is_good_once_and_echoed_never() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_SERVER__CORS_ORIGINS", "https://app.example.org")
        .start()
        .await;
    let alice = app.user("alice").await;
    let dial = app.anonymous().dial();
    for origin in [app.url(), "https://app.example.org"] {
        let ticket = alice.ticket().await;
        assert!(
            ticket.len() <= 64
                && ticket.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        let browser = dial.clone().as_browser(&ticket, Some(origin));
        let mut socket = browser.open().await;
        assert_eq!(socket.protocol.as_deref(), Some("ninja.v1"));
        socket.expect("hello").await;
        let again = browser.refused().await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(again, @"401 invalid_ticket: The ticket is unknown, used or expired: POST /api/v1/ws/tickets makes a new one.");
        }
    }
}

#[tokio::test]
async fn what_is_refused_is_refused_before_the_upgrade_with_a_problem() {
    let app =
        TestApp::with().workers(0).set("NINJA_SOCKETS__TICKET_SECONDS", "0.001").start().await;
    let alice = app.user("alice").await;
    let (here, nobody) = (app.url(), app.anonymous().dial());
    let old = alice.ticket().await; // and it is, when its answer has come
    let with = |ticket: &str, origin: Option<&str>| nobody.clone().as_browser(ticket, origin);
    let forged = format!("r{}", "A".repeat(43));
    let mut told = Vec::new();
    for (what, dial) in [
        ("nobody", nobody.clone()),
        ("a forged token", app.anonymous().with_token("a.b.c").dial()),
        ("a forged ticket", with(&forged, Some(here))),
        ("an old ticket", with(&old, Some(here))),
        ("an empty ticket", with("", Some(here))),
        ("a ticket without a page", with(&forged, None)),
        ("a ticket from another page", with(&forged, Some("https://evil.example"))),
        ("a token from another page", alice.dial().header("origin", "https://evil.example")),
        ("a ticket in the query", nobody.clone().path("/ws?ticket=secret")),
        ("a token in the query", alice.dial().path("/ws?token=secret")),
        ("an unknown parameter", alice.dial().path("/ws?color=red")),
        ("two identities", alice.dial().header("sec-websocket-protocol", "ninja.v1, ticket.x")),
        ("an old version", alice.dial().header("sec-websocket-version", "8")),
        ("somebody else", alice.dial().path("/ws/01990000-0000-7000-8000-000000000000")),
        ("no id", alice.dial().path("/ws/alice")),
    ] {
        let answer = dial.refused().await;
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        assert!(answer.headers.contains_key("x-request-id"), "{what}");
        assert!(!answer.json.to_string().contains("secret\""), "{what}");
        told.push(format!("{what}: {answer}"));
    }
    told.push(format!("no upgrade: {}", alice.get("/ws").await));
    insta::assert_snapshot!(told.join("\n"));
    let me = alice.get("/api/v1/auth/me").await.json["id"].as_str().unwrap().to_owned();
    for path in ["/ws", "/api/v1/ws", &format!("/ws/{me}")] {
        let to = |dial: Dial| dial.path(path);
        let evil = to(alice.dial().header("origin", "https://evil.example"));
        let statuses = [
            alice.get(path).await.status,
            to(nobody.clone()).refused().await.status,
            evil.refused().await.status,
        ];
        assert_eq!(statuses, [400, 401, 403], "{path}");
    }
    let head = alice.request(reqwest::Method::HEAD, "/ws").send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["allow"]),
        (405, &"GET, OPTIONS".parse().unwrap())
    );
}

#[tokio::test]
async fn the_old_path_serves_its_own_user_and_subscribes_by_itself() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let me = alice.get("/api/v1/auth/me").await.json["id"].as_str().unwrap().to_owned();
    let ticket = alice.ticket().await;
    let path = format!("/ws/{me}");
    let browser = app.anonymous().dial().path(&path).as_browser(&ticket, Some(app.url()));
    let mut socket = browser.open().await;
    socket.expect("hello").await;
    assert_eq!(
        socket.expect("subscribed").await,
        json!({"type": "subscribed", "id": null, "task_id": "*", "after": null, "last_seq": null, "status": null})
    );
    let id = alice.create_noop(1, 0).await;
    assert_eq!(socket.event().await["task_id"], id.as_str());
    let mallory = app.user("mallory").await;
    assert_eq!(mallory.dial().path(&path).refused().await.status, 404);
}

#[tokio::test]
async fn no_log_holds_a_ticket_or_a_token() {
    let mut app =
        TestApp::with().workers(0).set("NINJA_TELEMETRY__LOG_LEVEL", "trace").start().await;
    let alice = app.user("alice").await;
    let ticket = alice.ticket().await;
    let dial = app.anonymous().dial().as_browser(&ticket, Some(app.url()));
    dial.open().await.expect("hello").await;
    dial.refused().await;
    let mut socket = alice.socket().await;
    socket.send(&json!({"type": "ping", "id": ticket})).await;
    socket.expect("pong").await;
    let canary = "canary0123456789abcdefghij";
    alice.dial().path(&format!("/ws?ticket={canary}")).refused().await;
    app.anonymous().dial().as_browser(canary, Some(app.url())).refused().await;
    socket.close().await;
    let log = app.api().log();
    assert!(log.contains("actix_http") && log.contains("/api/v1/ws/tickets"), "no whole log");
    for secret in [ticket.as_str(), &ticket[1..], alice.token(), canary] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[tokio::test]
async fn while_redis_is_away_tickets_are_good_all_the_same_and_kept_as_hashes() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await;
    let lost = alice.ticket().await;
    app.engines().1.stop();
    let url = app.url().to_owned();
    let browser = |ticket: &str| app.anonymous().dial().as_browser(ticket, Some(&url));
    assert_eq!(browser(&lost).refused().await.json["code"], "invalid_ticket");
    let ticket = alice.ticket().await;
    let database = app.database().client().await;
    let kept: String = database
        .query_one("SELECT string_agg(t::text, ' ') FROM ws_tickets t", &[])
        .await
        .unwrap()
        .get(0);
    assert!(!kept.contains(&ticket[1..]), "{kept}");
    browser(&ticket).open().await.expect("hello").await;
    assert_eq!(browser(&ticket).refused().await.json["code"], "invalid_ticket");
    let stale = alice.ticket().await;
    database.execute("UPDATE ws_tickets SET expires_at = now()", &[]).await.unwrap();
    assert_eq!(browser(&stale).refused().await.json["code"], "invalid_ticket");
    app.engines().1.start_empty();
    super::until(async || alice.get("/health").await.json["redis"] == "ok").await;
    let ticket = alice.ticket().await;
    app.anonymous().dial().as_browser(&ticket, Some(&url)).open().await.expect("hello").await;
    let left: i64 =
        database.query_one("SELECT count(*) FROM ws_tickets", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}
