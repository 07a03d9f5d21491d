use ninja_testkit::TestApp;
use serde_json::json;

use super::{alone, event_without_a_notice, seqs};

#[tokio::test]
async fn every_task_of_the_user_is_told_and_nobody_elses() {
    let app = TestApp::with().set("NINJA_SERVER__HEALING_SECONDS", "60").start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let before = alice.create_noop(1, 0).await;
    alice.wait_task(&before, "completed").await;
    let mut socket = alice.socket().await;
    socket.subscribe("*", None).await;
    bob.create_noop(1, 0).await;
    let (one, two) = (alice.create_noop(2, 0).await, alice.create_noop(3, 0).await);
    let mut heard = [Vec::new(), Vec::new()];
    while heard.iter().any(|events| {
        events.last().is_none_or(|e: &serde_json::Value| e["type"] != "task.completed")
    }) {
        let event = socket.event().await;
        let which = [&one, &two].iter().position(|id| event["task_id"] == id.as_str());
        heard[which.expect("a task of alice, stored after the answer")].push(event);
    }
    assert_eq!(heard[0], alice.events(&one).await);
    assert_eq!(heard[1], alice.events(&two).await);
}

#[tokio::test]
async fn of_a_task_that_is_under_way_only_what_comes_is_told_also_where_no_notice_tells_of_it() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let mut socket = alice.socket().await;
    socket.subscribe("*", None).await;
    let seq = event_without_a_notice(&app, &id).await;
    assert_eq!(socket.event().await["seq"], seq);
    alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    let last = loop {
        let event = socket.event().await;
        if event["type"] == "task.cancelled" {
            break event["seq"].as_i64().unwrap();
        }
    };
    assert!(last > seq);
    // `*` has no end.
    socket.send(&json!({"type": "ping", "id": "p"})).await;
    socket.expect("pong").await;
}

#[tokio::test]
async fn a_new_task_that_no_notice_tells_of_is_found() {
    let mut app = TestApp::with().workers(0).own_engines().start().await;
    let alice = app.user("alice").await;
    let mut socket = alice.socket().await;
    socket.subscribe("*", None).await;
    app.engines().1.stop();
    let id = alice.create_noop(1, 0).await;
    let first = socket.event().await;
    assert_eq!((&first["task_id"], &first["seq"]), (&json!(id), &json!(1)));
}

#[tokio::test]
async fn however_subscriptions_overlap_each_event_is_told_once_and_in_order() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(30, 30).await;
    let mut socket = alice.socket().await;
    socket.subscribe(&id, Some(0)).await;
    let mut heard = Vec::new();
    let mut ended = false;
    let mut asked = 0;
    while !ended {
        let message = socket.next().await.unwrap();
        match message["type"].as_str().unwrap() {
            "event" => {
                heard.push(message["event"].clone());
                // Again and again something else is asked for, each before its answer came.
                if heard.len() % 7 == 3 && asked < 12 {
                    asked += 1;
                    let order = match asked % 4 {
                        1 => json!({"type": "subscribe", "task_id": "*"}),
                        2 => json!({"type": "subscribe", "task_id": id, "after": 0}),
                        3 => json!({"type": "unsubscribe", "task_id": id}),
                        _ => {
                            json!({"type": "subscribe", "task_id": id, "after": 2, "deltas": true})
                        }
                    };
                    socket.send(&order).await;
                }
                ended = message["event"]["type"] == "task.completed";
            }
            "error" => panic!("{message}"),
            _ => {}
        }
    }
    assert!(asked > 8, "only {asked}");
    assert_eq!(heard, alice.events(&id).await);
}

#[tokio::test]
async fn without_everything_only_what_was_named_goes_on() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut socket = alice.socket().await;
    socket.subscribe("*", None).await;
    let (named, other) = (alice.create_noop(4, 300).await, alice.create_noop(4, 300).await);
    socket.send(&json!({"type": "subscribe", "task_id": named, "after": 0})).await;
    socket.send(&json!({"type": "unsubscribe", "id": "u", "task_id": "*"})).await;
    let mut heard = Vec::new();
    loop {
        match socket.next().await.unwrap() {
            message if message["type"] == "event" => heard.push(message["event"].clone()),
            message if message["type"] == "unsubscribed" => break,
            _ => {}
        }
    }
    heard.extend(socket.events().await);
    alice.wait_task(&other, "completed").await;
    heard.retain(|event| event["task_id"] == named.as_str());
    assert_eq!(heard, alice.events(&named).await);
    socket.send(&json!({"type": "ping"})).await;
    assert_eq!(
        socket.next().await,
        Some(json!({"type": "pong", "id": null})),
        "nothing of {other}"
    );
    assert!(!seqs(&heard).is_empty());
}
