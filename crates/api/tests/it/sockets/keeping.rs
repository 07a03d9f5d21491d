use std::time::{Duration, Instant};

use ninja_testkit::TestApp;
use serde_json::json;

use super::{event_without_a_notice, last_seq};

#[tokio::test]
async fn a_silent_server_beats_and_a_client_that_answers_pings_stays() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_SERVER__HEARTBEAT_SECONDS", "0.1")
        .set("NINJA_SOCKETS__IDLE_SECONDS", "1")
        .start()
        .await;
    let mut socket = app.user("alice").await.socket().await;
    let begun = Instant::now();
    let mut beats = 0;
    while begun.elapsed() < Duration::from_secs(3) {
        let beat = socket.next().await.expect("the socket stays");
        assert_eq!(beat["type"], "heartbeat");
        let at = beat["at"].as_str().unwrap();
        assert!(at.len() == 27 && at.ends_with('Z'), "{at}");
        beats += 1;
    }
    assert!(beats > 3, "only {beats}");
}

#[tokio::test]
async fn a_client_that_is_not_heard_of_is_closed() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_SERVER__HEARTBEAT_SECONDS", "60")
        .set("NINJA_SOCKETS__IDLE_SECONDS", "0.3")
        .start()
        .await;
    let mut socket = app.user("alice").await.socket().await;
    assert_eq!(socket.closed().await, 4408);
}

#[tokio::test]
async fn a_client_that_takes_nothing_holds_up_nobody_and_is_closed_and_its_seat_is_free() {
    let mut app = TestApp::with()
        .workers(0)
        .set("NINJA_LIMITS__USER__SOCKETS", "2")
        .set("NINJA_SOCKETS__SEND_SECONDS", "3")
        .start()
        .await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let first = last_seq(&alice, &id).await;
    // 40 MB, more than any buffer between us holds.
    let sql = "WITH t AS (UPDATE tasks SET last_seq = last_seq + 400 WHERE id = $1::text::uuid RETURNING id, last_seq)
               INSERT INTO task_events (task_id, seq, type, data)
               SELECT id, last_seq - 400 + n, 'task.progress', jsonb_build_object('text', repeat('x', 100000)) FROM t, generate_series(1, 400) n";
    app.database().client().await.execute(sql, &[&id]).await.unwrap();
    let mut slow = alice.socket().await;
    slow.subscribe(&id, Some(0)).await;
    super::until(async || app.api().log().contains("socket closes")).await;
    let mut heard = 0;
    while let Some(message) = slow.next().await {
        heard += 1;
        assert_eq!(message["event"]["seq"], heard);
    }
    assert!(heard < first + 400, "it was told everything");
    assert_eq!(slow.closed().await, 1013);
    let mut again = None;
    super::until(async || {
        again = alice.dial().try_open().await.ok();
        again.is_some()
    })
    .await;
    let mut again = again.unwrap();
    again.expect("hello").await;
    again.subscribe(&id, Some(heard)).await; // and is as slow
    let mut quick = alice.socket().await;
    quick.subscribe(&id, Some(heard)).await;
    for seq in heard + 1..=first + 400 {
        assert_eq!(quick.event().await["seq"], seq);
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_close_the_socket_and_it_resumes() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    for _ in 0..300 {
        event_without_a_notice(&app, &id).await;
    }
    let mut socket = alice.socket().await;
    socket.subscribe(&id, Some(0)).await;
    assert_eq!(socket.event().await["seq"], 1);
    let eve = app.user("eve").await; // nobody remembers that her session lives
    app.engines().0.stop();
    let nobody = "01990000-0000-7000-8000-000000000000";
    for path in ["/ws", "/api/v1/ws", &format!("/ws/{nobody}")] {
        let refused = eve.dial().path(path).refused().await;
        assert_eq!((refused.status, &refused.json["code"]), (503, &json!("unavailable")), "{path}");
    }
    assert_eq!(eve.post_empty("/api/v1/ws/tickets").await.status, 503);
    // While PostgreSQL is away an answer says so, or the socket ends with the code of a fault of ours.
    socket.send(&json!({"type": "subscribe", "id": "late", "task_id": nobody, "after": 0})).await;
    let mut told = None;
    while let Some(message) = socket.next().await {
        if message["type"] == "error" {
            told = Some(message);
            break;
        }
    }
    match told {
        Some(error) => assert_eq!(
            (&error["id"], error["code"].as_str()),
            (&json!("late"), Some("unavailable"))
        ),
        None => assert_eq!(socket.closed().await, 1011),
    }
    app.engines().0.start_again();
    super::until(async || alice.get("/readyz").await.status == 200).await;
    let mut socket = alice.socket().await;
    socket.subscribe(&id, Some(1)).await;
    assert_eq!(socket.event().await["seq"], 2);
}
