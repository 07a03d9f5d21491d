use ninja_testkit::{Sse, TestApp};
use serde_json::json;

use super::alone;

#[tokio::test]
async fn a_binary_frame_ends_the_socket() {
    let app = alone().await;
    let mut socket = app.user("alice").await.socket().await;
    socket.send_binary(b"hello").await;
    assert_eq!(socket.closed().await, 1003);
}

#[tokio::test]
async fn a_message_has_16_kib_in_one_frame_or_in_several() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let padded = |size: usize| {
        let text = json!({"type": "ping", "id": "p"}).to_string();
        format!("{text}{}", " ".repeat(size - text.len()))
    };
    let mut socket = alice.socket().await;
    socket.send_text(&padded(16 * 1024)).await;
    socket.expect("pong").await;
    socket.send_pieces(&["{\"type\":", "\"ping\",", "\"id\":\"q\"}"]).await;
    assert_eq!(socket.expect("pong").await["id"], "q");
    socket.send_text(&padded(16 * 1024 + 1)).await;
    assert_eq!(socket.closed().await, 1009);
    let mut socket = alice.socket().await;
    let whole = padded(18 * 1024);
    let (one, two) = whole.split_at(9 * 1024);
    socket.send_pieces(&[one, two]).await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn more_than_20_messages_in_a_second_end_the_socket() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let mut socket = alice.socket().await;
    for _ in 0..20 {
        socket.send(&json!({"type": "ping"})).await;
    }
    for _ in 0..20 {
        socket.expect("pong").await;
    }
    for _ in 0..200 {
        socket.send(&json!({"type": "ping"})).await;
    }
    assert_eq!(socket.closed().await, 4429);
    let mut socket = alice.socket().await;
    for _ in 0..200 {
        socket.ping().await;
    }
    assert_eq!(socket.closed().await, 4429);
}

#[tokio::test]
async fn sockets_and_event_streams_share_the_seats_of_the_role() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_LIMITS__USER__SOCKETS", "2")
        .set("NINJA_SERVER__HEARTBEAT_SECONDS", "0.1")
        .start()
        .await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let id = alice.create_noop(1, 0).await;
    let stream = alice.sse(&id, 0).await;
    let socket = alice.socket().await;
    let refused = alice.dial().refused().await;
    insta::assert_snapshot!(refused, @"429 rate_limited: You have 2 open sockets and event streams, as many as your role may have.");
    assert!(refused.headers.contains_key("retry-after"));
    let me = alice.get("/api/v1/auth/me").await.json["id"].as_str().unwrap().to_owned();
    for path in ["/api/v1/ws", &format!("/ws/{me}")] {
        assert_eq!(alice.dial().path(path).refused().await.status, 429);
    }
    let path = format!("/api/v1/tasks/{id}/events");
    assert_eq!(Sse::try_open(&alice, &path).await.err(), Some(429));
    let _apart = bob.socket().await;
    socket.close().await;
    super::until(async || alice.dial().try_open().await.is_ok()).await;
    drop(stream);
    super::until(async || alice.dial().try_open().await.is_ok()).await;
}

#[tokio::test]
async fn tickets_are_counted() {
    let app = TestApp::with().workers(0).set("NINJA_SECURITY__TICKET_RATE", "2/1m").start().await;
    let alice = app.user("alice").await;
    let first = alice.post_empty("/api/v1/ws/tickets").await;
    assert_eq!((first.status, &first.json["expires_in"]), (201, &json!(30)));
    assert_eq!(alice.post_empty("/api/v1/ws/tickets").await.status, 201);
    let third = alice.post_empty("/api/v1/ws/tickets").await;
    assert_eq!((third.status, &third.json["code"]), (429, &json!("rate_limited")));
    assert_eq!(app.anonymous().post_empty("/api/v1/ws/tickets").await.status, 401);
}
