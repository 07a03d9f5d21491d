use std::time::{Duration, Instant};

use ninja_testkit::{Sse, TestApp};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_stream_tells_what_was_and_what_comes_and_ends_with_the_task() {
    // Healing is far away: the events that come late come by notice.
    let app = TestApp::with().set("NINJA_SERVER__HEALING_SECONDS", "60").start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(3, 200).await;
    let begun = Instant::now();
    let streamed = alice.sse(&id, 0).await.rest().await;
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let stored = alice.events(&id).await;
    assert_eq!(
        streamed.iter().map(|event| &event.data).collect::<Vec<_>>(),
        stored.iter().collect::<Vec<_>>()
    );
    for event in &streamed {
        assert_eq!(event.id, event.data["seq"].as_i64());
        assert_eq!(Some(event.event.as_str()), event.data["type"].as_str());
    }
    assert_eq!(streamed.last().unwrap().event, "task.completed");
}

#[tokio::test]
async fn a_stream_is_resumed_behind_the_last_event_that_was_seen() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 0).await;
    let last = alice.wait_task(&id, "completed").await["last_seq"].as_i64().unwrap();
    // The header wins over the query.
    let path = format!("/api/v1/tasks/{id}/events?after=1");
    let rest = Sse::resume(&alice, &path, Some(4)).await.unwrap().rest().await;
    let numbers: Vec<_> = rest.iter().filter_map(|event| event.id).collect();
    assert_eq!(numbers, (5..=last).collect::<Vec<_>>());
    for (query, header, status) in [
        (format!("?after={last}"), None, 204),
        (String::new(), Some(last), 204),
        (String::new(), Some(last + 1), 422),
        (format!("?after={}", last + 1), None, 422),
        (String::new(), Some(-2), 422),
    ] {
        let path = format!("/api/v1/tasks/{id}/events{query}");
        assert_eq!(
            Sse::resume(&alice, &path, header).await.err(),
            Some(status),
            "{path} {header:?}"
        );
    }
}

#[tokio::test]
async fn a_stream_begins_with_its_retry_and_beats_while_nothing_happens() {
    let app =
        TestApp::with().workers(0).set("NINJA_SERVER__HEARTBEAT_SECONDS", "0.1").start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let path = format!("/api/v1/tasks/{id}/events?after=2");
    let request = alice
        .request(Method::GET, &path)
        .header("Accept", "text/event-stream")
        .header("Accept-Encoding", "gzip");
    let mut answer = request.send().await.unwrap();
    let header =
        |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-type").as_deref(), Some("text/event-stream"));
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
    assert_ne!(header("content-encoding").as_deref(), Some("gzip"));
    let mut text = String::new();
    while text.matches(": hb\n\n").count() < 2 {
        let chunk = answer.chunk().await.unwrap().expect("the stream is open");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(text.starts_with("retry: 2000\n\n"), "{text}");
}

#[tokio::test]
async fn so_many_streams_are_open_as_the_role_may_have_and_a_closed_one_is_free_again() {
    let app = TestApp::with()
        .workers(0)
        .set("NINJA_LIMITS__USER__SOCKETS", "2")
        .set("NINJA_SERVER__HEARTBEAT_SECONDS", "0.1")
        .start()
        .await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (id, his) = (alice.create_noop(1, 0).await, bob.create_noop(1, 0).await);
    let path = format!("/api/v1/tasks/{id}/events");
    let open = (alice.sse(&id, 0).await, alice.sse(&id, 0).await);
    assert_eq!(Sse::try_open(&alice, &path).await.err(), Some(429));
    let _apart = bob.sse(&his, 0).await;
    drop(open.0);
    // The server notices at its next write that the client is gone.
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    while Sse::try_open(&alice, &path).await.is_err() {
        pause.tick().await;
    }
}

#[tokio::test]
async fn output_is_shown_as_it_appears_to_those_who_ask() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let path = format!("/api/v1/tasks/{id}/events?deltas=true");
    let mut with = Sse::try_open(&alice, &path).await.unwrap();
    let mut without = alice.sse(&id, 0).await;
    let speaking = super::speak(&app, &id);
    let heard = loop {
        let event = with.next().await.unwrap();
        if event.event == "delta" {
            break event;
        }
    };
    speaking.abort();
    assert_eq!(heard.id, None);
    assert_eq!((&heard.data["text"], &heard.data["stream"]), (&json!("hello\n"), &json!("stdout")));
    alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    assert!(without.rest().await.iter().all(|event| event.event != "delta"));
}

#[tokio::test]
async fn a_stream_ends_when_the_api_drains() {
    let mut app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let mut stream = alice.sse(&id, 0).await;
    app.api().sigterm();
    let begun = Instant::now();
    let seen = stream.rest().await;
    assert!(!seen.is_empty() && begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
