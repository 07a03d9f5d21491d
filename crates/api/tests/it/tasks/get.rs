use std::time::{Duration, Instant};

use insta::assert_snapshot;
use ninja_testkit::TestApp;

#[tokio::test]
async fn a_long_poll_is_answered_when_the_task_ends() {
    // Healing is far away: only the hub's wake-up can be in time.
    let app = TestApp::with().set("NINJA_SERVER__HEALING_SECONDS", "60").start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 700).await;
    let begun = Instant::now();
    let task = alice.get(&format!("/api/v1/tasks/{id}?wait_seconds=30")).await;
    assert_eq!(task.json["status"], "completed", "{task}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_long_poll_is_answered_when_its_time_is_over() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    let begun = Instant::now();
    let task = alice.get(&format!("/api/v1/tasks/{id}?wait_seconds=1")).await;
    assert_eq!(task.json["status"], "pending", "{task}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_long_poll_on_an_ended_task_does_not_wait() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    let begun = Instant::now();
    let task = alice.get(&format!("/api/v1/tasks/{id}?wait_seconds=60")).await;
    assert_eq!(task.json["status"], "cancelled", "{task}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_wait_out_of_range_and_an_unknown_parameter_are_named() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    assert_snapshot!(alice.get(&format!("/api/v1/tasks/{id}?wait_seconds=61&verbose=1")).await, @"
    422 validation_failed: verbose is no parameter that is known here (and 1 more).
      query:verbose unknown_field: is no parameter that is known here
      query:wait_seconds too_large: must be <= 60
    ");
    assert_snapshot!(alice.get("/api/v1/tasks/0199f3a0-0000-7000-8000-00000000ffff").await, @"404 not_found: There is no such object.");
    assert_snapshot!(alice.get("/api/v1/tasks/17").await, @"404 not_found: There is no such object.");
}
