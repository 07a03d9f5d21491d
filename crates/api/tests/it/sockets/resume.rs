use ninja_testkit::TestApp;
use serde_json::json;

use super::{alone, event_without_a_notice, seqs};

#[tokio::test]
async fn a_socket_resumes_behind_the_last_event_that_was_seen_however_long_ago() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    // More than is remembered, and more than a page.
    let mut last = 0;
    for _ in 0..250 {
        last = event_without_a_notice(&app, &id).await;
    }
    for after in [0, 1, 99, 100, last - 65, last - 64, last - 1] {
        let mut socket = alice.socket().await;
        let subscribed = socket.subscribe(&id, Some(after)).await;
        assert_eq!((&subscribed["after"], &subscribed["last_seq"]), (&json!(after), &json!(last)));
        let mut heard = Vec::new();
        while heard.last() != Some(&last) {
            heard.push(socket.event().await["seq"].as_i64().unwrap());
        }
        assert_eq!(heard, (after + 1..=last).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_lost_notice_costs_a_moment_and_no_event() {
    let app = alone().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let mut socket = alice.socket().await;
    let last = socket.subscribe(&id, None).await["last_seq"].as_i64().unwrap();
    for seq in 1..=last {
        assert_eq!(socket.event().await["seq"], seq);
    }
    let next = event_without_a_notice(&app, &id).await;
    assert_eq!(socket.event().await["seq"], next);
}

#[tokio::test]
async fn redis_may_go_and_come_back_while_a_socket_is_open() {
    let mut app = TestApp::with().own_engines().start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(20, 100).await;
    let mut socket = alice.socket().await;
    socket.subscribe(&id, Some(0)).await;
    for seq in 1..=20 {
        assert_eq!(socket.event().await["seq"], seq);
    }
    app.engines().1.kill9();
    for seq in 21..=40 {
        assert_eq!(socket.event().await["seq"], seq);
    }
    app.engines().1.start_empty();
    let rest = socket.events().await;
    assert_eq!(rest.last().unwrap()["type"], "task.completed");
    assert_eq!(seqs(&rest), (41..=seqs(&rest).last().copied().unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_socket_of_one_process_hears_what_another_does() {
    let mut app =
        TestApp::with().workers(0).set("NINJA_SERVER__HEALING_SECONDS", "60").start().await;
    let alice = app.user("alice").await;
    let there = app.add_api().await.url().to_owned();
    let mut socket = alice.clone().at(&there).socket().await;
    socket.subscribe("*", None).await;
    // Until its subscription to Redis stands, it may miss a notice: healing is far away.
    let mut ids = Vec::new();
    let heard = loop {
        ids.push(alice.create_noop(1, 0).await);
        if let Some(event) = socket.event_within(std::time::Duration::from_millis(500)).await {
            break event;
        }
    };
    assert!(ids.iter().any(|id| heard["task_id"] == id.as_str()));
}

#[tokio::test]
async fn a_stopping_process_says_when_to_come_back_and_another_goes_on() {
    let mut app =
        TestApp::with().workers(0).set("NINJA_SERVER__DRAIN_NOTICE_SECONDS", "2").start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let there = app.add_api().await.url().to_owned();
    let mut socket = alice.socket().await;
    let last = socket.subscribe(&id, Some(0)).await["last_seq"].as_i64().unwrap();
    for seq in 1..=last {
        assert_eq!(socket.event().await["seq"], seq);
    }
    app.api().sigterm();
    super::until(async || alice.get("/readyz").await.status == 503).await;
    let refused = alice.dial().refused().await;
    assert_eq!((refused.status, &refused.json["code"]), (503, &json!("unavailable")));
    assert!(refused.headers.contains_key("retry-after"));
    let restart = socket.expect("restart").await;
    let wait = restart["retry_after_ms"].as_i64().unwrap();
    assert!((500..=5000).contains(&wait), "{wait}");
    assert_eq!(socket.closed().await, 1012);
    assert!(app.api().exited().await.success());
    let elsewhere = alice.at(&there);
    let mut socket = elsewhere.socket().await;
    socket.subscribe(&id, Some(last)).await;
    elsewhere.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    let rest = socket.events().await;
    assert_eq!(seqs(&rest)[0], last + 1);
    assert_eq!(rest.last().unwrap()["type"], "task.cancelled");
}
