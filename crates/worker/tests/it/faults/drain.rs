use ninja_testkit::TestApp;

use crate::fleet::{at_work, column, eventually, nothing_was_repeated, number};

const CHARGED: &str =
    "SELECT max((data ->> 'attempt')::int) FROM task_events WHERE type = 'step.started'";

#[tokio::test]
async fn a_worker_that_is_asked_to_end_finishes_what_it_runs() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(3, 500).await;
    let leaving = at_work(&mut app, 2).await;
    app.worker(leaving).sigterm();
    assert!(app.worker(leaving).exited().await.success());
    alice.wait_task(&task, "completed").await;
    assert_eq!(
        number(&app, "SELECT count(*) FROM task_events WHERE type = 'step.retried'").await,
        0
    );
    assert_eq!(number(&app, CHARGED).await, 1);
    assert_eq!(number(&app, "SELECT count(*) FROM workers WHERE state = 'closed'").await, 1);
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn the_second_signal_hands_back_at_once_and_charges_nobody() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(1, 3000).await;
    let leaving = at_work(&mut app, 2).await;
    app.worker(leaving).sigterm();
    // Two signals that come at once are one.
    eventually("it drains", async || app.worker(leaving).log().contains("draining")).await;
    app.worker(leaving).sigterm();
    assert!(app.worker(leaving).exited().await.success());
    alice.wait_task(&task, "completed").await;
    let reasons = "SELECT data ->> 'reason' FROM task_events WHERE type = 'step.retried'";
    assert_eq!(column(&app, reasons).await, ["drain"]);
    assert_eq!(number(&app, CHARGED).await, 1);
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_rolling_restart_under_load_loses_and_charges_nothing() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let mut tasks = Vec::new();
    for _ in 0..20 {
        tasks.push(alice.create_noop(3, 100).await);
    }
    for worker in 0..2 {
        app.worker(worker).sigterm();
        assert!(app.worker(worker).exited().await.success());
        app.worker(worker).start_again().await;
    }
    for task in &tasks {
        alice.wait_task(task, "completed").await;
    }
    assert_eq!(number(&app, CHARGED).await, 1);
    nothing_was_repeated(&app).await;
}
