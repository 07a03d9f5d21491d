use std::time::{Duration, Instant};

use ninja_testkit::TestApp;

use crate::fleet::{at_work, eventually, nothing_was_repeated, number};

async fn cancels_within(app: &mut TestApp, limit: Duration) {
    let alice = app.user("alice").await;
    let task = alice.create_noop(2, 60_000).await;
    at_work(app, 1).await;
    let asked = Instant::now();
    let answer = alice.post_empty(&format!("/api/v1/tasks/{task}/cancel")).await;
    assert!(answer.status < 300, "{answer}");
    alice.wait_task(&task, "cancelled").await;
    assert!(asked.elapsed() < limit, "{:?}", asked.elapsed());
    eventually("the permit is free again", async || {
        number(app, "SELECT count(*) FROM jobs").await == 0
    })
    .await;
    let next = alice.create_noop(1, 10).await;
    alice.wait_task(&next, "completed").await;
    nothing_was_repeated(app).await;
}

#[tokio::test]
async fn a_running_step_is_cancelled_within_two_seconds() {
    // The heartbeat alone would take far longer: what is shown is the signal.
    let app = TestApp::with()
        .set("NINJA_WORKER__RENEW_SECONDS", "20")
        .set("NINJA_WORKER__LEASE_SECONDS", "60");
    cancels_within(&mut app.start().await, Duration::from_secs(2)).await;
}

#[tokio::test]
async fn a_running_step_is_cancelled_within_five_seconds_without_redis() {
    let mut app = TestApp::with().own_engines().start().await;
    app.engines().1.kill9();
    cancels_within(&mut app, Duration::from_secs(5)).await;
}
