use std::time::{Duration, Instant};

use ninja_testkit::{Client, Socket, TestApp};
use serde_json::json;

use super::alone;

/// Healing by the clock is far away: only a notice can close a socket now.
fn told() -> ninja_testkit::Setup {
    TestApp::with().workers(0).set("NINJA_SOCKETS__CHECK_SECONDS", "300")
}

#[tokio::test]
async fn a_logout_closes_the_sockets_of_its_session_and_no_others() {
    let app = told().start().await;
    let alice = app.user("alice").await;
    let elsewhere = app.anonymous().logged_in("alice").await;
    let (mut one, mut two, mut other) =
        (alice.socket().await, alice.socket().await, elsewhere.socket().await);
    let ticket = alice.ticket().await;
    assert_eq!(alice.post_empty("/api/v1/auth/logout").await.status, 204);
    assert_eq!((one.closed().await, two.closed().await), (4401, 4401));
    other.send(&json!({"type": "ping"})).await;
    other.expect("pong").await;
    let late = app.anonymous().dial().as_browser(&ticket, Some(app.url())).refused().await;
    assert_eq!((late.status, &late.json["code"]), (401, &json!("session_revoked")));
    let all = json!({"all_sessions": true});
    assert_eq!(elsewhere.post("/api/v1/auth/logout", &all).await.status, 204);
    assert_eq!(other.closed().await, 4401);
}

#[tokio::test]
async fn a_logout_at_one_process_acts_at_the_others_within_a_second() {
    let mut app = told().start().await;
    let alice = app.user("alice").await;
    let there = app.add_api().await.url().to_owned();
    let at_other = alice.clone().at(&there);
    // Until its subscription to Redis stands, a process hears nothing: a notice that it does hear says so.
    listens(&app, &there).await;
    let mut socket = at_other.socket().await;
    assert_eq!(at_other.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(alice.post_empty("/api/v1/auth/logout").await.status, 204);
    let since = Instant::now();
    assert_eq!(socket.closed().await, 4401);
    assert_eq!(at_other.get("/api/v1/auth/me").await.status, 401);
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}: not by the notice", since.elapsed());
}

async fn listens(app: &TestApp, there: &str) {
    super::until(async || {
        let name = format!("u{}", uuid_like());
        let someone: Client = app.user(&name).await;
        let mut socket: Socket = someone.clone().at(there).socket().await;
        someone.post_empty("/api/v1/auth/logout").await;
        socket.closes_within(Duration::from_millis(500)).await == Some(4401)
    })
    .await;
}

fn uuid_like() -> u128 {
    ninja_types::TaskId::new().0.as_u128() & 0xffff_ffff_ffff
}

#[tokio::test]
async fn without_redis_a_logout_closes_sockets_within_ten_seconds_and_rest_within_five() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await;
    let there = app.add_api().await.url().to_owned();
    let at_other = alice.clone().at(&there);
    let mut socket = at_other.socket().await;
    app.engines().1.stop();
    assert_eq!(at_other.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(alice.post_empty("/api/v1/auth/logout").await.status, 204);
    let since = Instant::now();
    let mut pause = tokio::time::interval(Duration::from_millis(100));
    while at_other.get("/api/v1/auth/me").await.status != 401 {
        assert!(since.elapsed() < Duration::from_secs(6), "still let in");
        pause.tick().await;
    }
    assert_eq!(socket.closed().await, 4401);
    assert!(since.elapsed() < Duration::from_secs(11), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_disabled_user_and_one_with_another_role_lose_their_sockets() {
    let app = alone().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (mut hers, mut his) = (alice.socket().await, bob.socket().await);
    let client = app.database().client().await;
    let since = Instant::now();
    for sql in [
        "UPDATE users SET is_active = false WHERE username = 'alice'",
        "UPDATE users SET role = 'premium' WHERE username = 'bob'",
    ] {
        assert_eq!(client.execute(sql, &[]).await.unwrap(), 1);
    }
    assert_eq!((hers.closed().await, his.closed().await), (4401, 4403));
    assert!(since.elapsed() < Duration::from_secs(11), "{:?}", since.elapsed());
    assert_eq!(alice.dial().refused().await.json["code"], "session_revoked");
    bob.socket().await;
}
