use std::time::Duration;

use ninja_testkit::TestApp;
use serde_json::json;

use super::{alone, last_seq, seqs};

#[tokio::test]
async fn a_task_is_told_from_its_first_event_to_its_end() {
    // Healing is far away: the events that come late come by notice.
    let app = TestApp::with().set("NINJA_SERVER__HEALING_SECONDS", "60").start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(3, 200).await;
    let mut socket = alice.socket().await;
    let subscribed = socket.subscribe(&id, Some(0)).await;
    assert_eq!((&subscribed["id"], &subscribed["task_id"]), (&json!("s"), &json!(id)));
    assert!(subscribed["last_seq"].as_i64().unwrap() > 0 && subscribed["status"].is_string());
    let heard = socket.events().await;
    assert_eq!(heard, alice.events(&id).await);
    // The subscription is over: its place is free, and the socket stays.
    socket.send(&json!({"type": "unsubscribe", "id": "b", "task_id": id})).await;
    let done = json!({"type": "unsubscribed", "id": "b", "task_id": id});
    assert_eq!(socket.next().await, Some(done));
}

#[tokio::test]
async fn a_task_that_has_ended_is_told_behind_the_cursor_and_ended_again() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 0).await;
    let last = alice.wait_task(&id, "completed").await["last_seq"].as_i64().unwrap();
    let mut socket = alice.socket().await;
    let subscribed = socket.subscribe(&id, Some(3)).await;
    assert_eq!(
        subscribed,
        json!({"type": "subscribed", "id": "s", "task_id": id, "after": 3, "last_seq": last, "status": "completed"})
    );
    assert_eq!(seqs(&socket.events().await), (4..=last).collect::<Vec<_>>());
    let end = json!({"type": "end", "task_id": id, "last_seq": last});
    socket.subscribe(&id, Some(last)).await;
    assert_eq!(socket.next().await, Some(end.clone()));
    // What this connection was told is not told again, whatever is asked for.
    assert_eq!(socket.subscribe(&id, Some(0)).await["after"], last);
    assert_eq!(socket.next().await, Some(end));
    let mut fresh = alice.socket().await;
    fresh.subscribe(&id, None).await;
    assert_eq!(seqs(&fresh.events().await), (1..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_belongs_to_another_is_not_there_and_an_administrator_sees_it_on_the_record() {
    let app = alone().await;
    let (alice, mallory) = (app.user("alice").await, app.user("mallory").await);
    let admin = app.admin("root").await;
    let id = alice.create_noop(1, 0).await;
    let refused =
        json!({"type": "error", "id": "s", "code": "not_found", "message": "No such task."});
    let mut socket = mallory.socket().await;
    for task in [id.as_str(), "01990000-0000-7000-8000-000000000000"] {
        socket.send(&json!({"type": "subscribe", "id": "s", "task_id": task, "after": 0})).await;
        assert_eq!(socket.next().await, Some(refused.clone()));
    }
    let mut socket = admin.socket().await;
    socket.subscribe(&id, Some(0)).await;
    assert_eq!(socket.event().await["seq"], 1);
    let sql = "SELECT count(*) FROM audit_log WHERE action = 'admin.access'";
    let rows: i64 = app.database().client().await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn three_messages_that_are_not_valid_end_the_socket() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let last = last_seq(&alice, &id).await;
    let all = [
        ("not json".to_owned(), None),
        (json!({"type": "subscribe", "id": "x", "task_id": id, "since": 1}).to_string(), Some("x")),
        (
            json!({"type": "subscribe", "id": "x", "task_id": id, "after": -1}).to_string(),
            Some("x"),
        ),
        (
            json!({"type": "subscribe", "id": "x", "task_id": id, "after": last + 1}).to_string(),
            Some("x"),
        ),
        (
            json!({"type": "subscribe", "id": "x", "task_id": "*", "after": 0}).to_string(),
            Some("x"),
        ),
        (json!({"type": "subscribe", "id": "x", "task_id": 7}).to_string(), Some("x")),
        (json!({"type": "shout", "id": "x"}).to_string(), Some("x")),
        (json!({"type": "ping", "id": 7}).to_string(), None),
        (json!(["ping"]).to_string(), None),
    ];
    for three in all.chunks(3) {
        let mut socket = alice.socket().await;
        for (text, id) in three {
            socket.send_text(text).await;
            let error = socket.next().await.unwrap();
            assert_eq!(
                (&error["code"], error["id"].as_str()),
                (&json!("invalid_message"), *id),
                "{text}"
            );
            assert!(!error["message"].as_str().unwrap().is_empty());
        }
        assert_eq!(socket.closed().await, 4400);
    }
}

#[tokio::test]
async fn a_socket_has_64_subscriptions_and_everything_is_one_of_them() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let mut tasks = Vec::new();
    for _ in 0..64 {
        tasks.push(alice.create_noop(1, 0).await);
    }
    let mut socket = alice.socket().await;
    socket.subscribe("*", None).await;
    let mut pause = tokio::time::interval(Duration::from_millis(60)); // 20 messages in a second
    for task in &tasks[..63] {
        pause.tick().await;
        let last = last_seq(&alice, task).await;
        socket.subscribe(task, Some(last)).await;
    }
    pause.tick().await;
    let more = json!({"type": "subscribe", "id": "m", "task_id": tasks[63], "after": 0});
    socket.send(&more).await;
    let full = socket.expect("error").await;
    assert_eq!((&full["id"], &full["code"]), (&json!("m"), &json!("too_many_subscriptions")));
    pause.tick().await;
    // One that is there already takes no place.
    let last = last_seq(&alice, &tasks[0]).await;
    socket.subscribe(&tasks[0], Some(last)).await;
    pause.tick().await;
    socket.send(&json!({"type": "unsubscribe", "task_id": "*"})).await;
    assert_eq!(
        socket.next().await,
        Some(json!({"type": "unsubscribed", "id": null, "task_id": "*"}))
    );
    pause.tick().await;
    socket.send(&more).await;
    socket.expect("subscribed").await;
}

#[tokio::test]
async fn output_is_shown_to_those_who_ask_and_moves_no_cursor() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let (mut with, mut without) = (alice.socket().await, alice.socket().await);
    with.send(&json!({"type": "subscribe", "id": "s", "task_id": id, "after": 0, "deltas": true}))
        .await;
    with.expect("subscribed").await;
    without.subscribe(&id, Some(0)).await;
    let speaking = crate::events::speak(&app, &id);
    let heard = loop {
        match with.next().await.unwrap() {
            message if message["type"] == "delta" => break message["delta"].clone(),
            _ => {}
        }
    };
    speaking.abort();
    assert_eq!(
        (&heard["text"], &heard["stream"], &heard["task_id"]),
        (&json!("hello\n"), &json!("stdout"), &json!(id))
    );
    alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    without.events().await; // nothing but events
}
