use ninja_testkit::{Client, TestApp};

use crate::fleet::{at_work, column, eventually, nothing_was_repeated, number};

const HELD: &str = "SELECT count(*) FROM jobs WHERE state = 'ready' AND not_before = 'infinity'";
const CHARGED: &str =
    "SELECT max((data ->> 'attempt')::int) FROM task_events WHERE type = 'step.started'";

async fn ask(client: &Client, task: &str, action: &str) {
    let answer = client.post_empty(&format!("/api/v1/tasks/{task}/{action}")).await;
    assert_eq!(answer.status, 200, "{answer}");
}

async fn is_held(app: &TestApp) {
    eventually("the step is handed back", async || number(app, HELD).await == 1).await;
    assert_eq!(number(app, "SELECT count(*) FROM jobs WHERE state = 'leased'").await, 0);
}

#[tokio::test]
async fn a_pause_reaches_a_running_step_by_signal_and_costs_no_attempt() {
    // The heartbeat alone would take far longer: what is shown is the signal.
    let slow = [("NINJA_WORKER__RENEW_SECONDS", "120"), ("NINJA_WORKER__LEASE_SECONDS", "600")];
    let setup = slow.iter().fold(TestApp::with(), |setup, (key, value)| setup.set(key, value));
    let mut app = setup.start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(2, 600_000).await;
    at_work(&mut app, 1).await;
    ask(&alice, &task, "pause").await;
    is_held(&app).await;
    let reasons = "SELECT data ->> 'reason' FROM task_events WHERE type = 'step.retried'";
    assert_eq!(column(&app, reasons).await, ["pause"]);
    ask(&alice, &task, "resume").await;
    at_work(&mut app, 1).await;
    assert_eq!(number(&app, CHARGED).await, 1);
    app.invariants().await;
}

#[tokio::test]
async fn a_task_is_paused_and_resumed_without_redis() {
    let mut app = TestApp::with().workers(2).own_engines().start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(3, 1_000).await;
    at_work(&mut app, 2).await;
    app.engines().1.kill9();
    ask(&alice, &task, "pause").await;
    is_held(&app).await;
    ask(&alice, &task, "resume").await;
    alice.wait_task(&task, "completed").await;
    assert_eq!(number(&app, CHARGED).await, 1);
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_task_that_is_paused_while_its_worker_dies_goes_on_when_it_is_resumed() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(3, 1_000).await;
    let victim = at_work(&mut app, 2).await;
    app.worker(victim).sigkill();
    ask(&alice, &task, "pause").await;
    is_held(&app).await;
    let status = column(&app, "SELECT status FROM tasks").await;
    assert_eq!(status, ["paused"], "a takeover resumes nothing");
    app.invariants().await;
    ask(&alice, &task, "resume").await;
    alice.wait_task(&task, "completed").await;
    nothing_was_repeated(&app).await;
}
