use ninja_testkit::{Client, TestApp};

use crate::fleet::{at_work, column, eventually, nothing_was_repeated, number};

/// A task of four steps, of which the first is done and the second is running.
async fn under_way(app: &mut TestApp, alice: &Client) -> String {
    let task = alice.create_noop(4, 700).await;
    eventually("the first step is done", async || {
        number(app, "SELECT count(*) FROM steps WHERE status = 'completed'").await >= 1
    })
    .await;
    task
}

#[tokio::test]
async fn a_task_survives_the_worker_at_work() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let task = under_way(&mut app, &alice).await;
    let victim = at_work(&mut app, 2).await;
    app.worker(victim).sigkill();
    alice.wait_task(&task, "completed").await;
    let takeovers = "SELECT count(*) FROM task_events WHERE type = 'step.retried' AND data ->> 'reason' = 'takeover'";
    assert_eq!(number(&app, takeovers).await, 1);
    assert_eq!(column(&app, "SELECT DISTINCT status FROM steps").await, ["completed"]);
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_task_survives_the_api() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let task = under_way(&mut app, &alice).await;
    app.api().sigkill();
    eventually("the task is done without an API", async || {
        column(&app, "SELECT status FROM tasks").await == ["completed"]
    })
    .await;
    app.api().start_again().await;
    alice.wait_task(&task, "completed").await;
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_task_survives_redis_killed_and_back_empty() {
    let mut app = TestApp::with().workers(2).own_engines().start().await;
    let alice = app.user("alice").await;
    let task = under_way(&mut app, &alice).await;
    app.engines().1.kill9();
    let waiting = alice.create_noop(2, 50).await; // accepted without Redis, and found by looking
    app.engines().1.start_empty();
    alice.wait_task(&task, "completed").await;
    alice.wait_task(&waiting, "completed").await;
    assert_eq!(
        number(&app, "SELECT count(*) FROM task_events WHERE type = 'step.retried'").await,
        0
    );
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_task_survives_its_only_worker_once_that_is_started_again() {
    let mut app = TestApp::start().await;
    let alice = app.user("alice").await;
    let task = under_way(&mut app, &alice).await;
    app.worker(0).sigkill();
    app.worker(0).start_again().await;
    alice.wait_task(&task, "completed").await;
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_task_survives_postgresql_frozen_and_nobody_is_blamed() {
    let mut app = TestApp::with().workers(2).own_engines().start().await;
    let alice = app.user("alice").await;
    let task = under_way(&mut app, &alice).await;
    let logs = |app: &mut TestApp| (0..2).map(|at| app.worker(at).log()).collect::<String>();
    app.engines().0.pause();
    eventually("a worker sees that it could not renew", async || {
        logs(&mut app).contains("lease.lost")
    })
    .await;
    app.engines().0.resume();
    alice.wait_task(&task, "completed").await;
    let crashes = "SELECT count(*) FROM task_events WHERE type = 'step.retried' AND data ->> 'reason' = 'takeover'";
    assert_eq!(number(&app, crashes).await, 0);
    nothing_was_repeated(&app).await;
}
