//! Replay: what an attempt does with the calls that an earlier one left behind. The earlier attempt is made of rows,
//! because no kill hits the moment between two commits on purpose.

use ninja_testkit::{Client, TestApp};
use serde_json::Value;

use crate::programs::program;

/// A task that ran, and its twin that no worker has seen yet. `set` changes the copy of the one's journal that becomes
/// the other's.
async fn twin(app: &mut TestApp, alice: &Client, set: &str) -> String {
    let body = program("bash", "echo ran");
    let first = alice.create(&body).await;
    alice.wait_task(&first, "completed").await;
    app.worker(0).sigterm();
    assert!(app.worker(0).exited().await.success());
    let second = alice.create(&body).await;
    let columns = "call_no, epoch, kind, name, effect, state, request_hash, request, response, \
        error, usage, cost, started_at, answered_at";
    let copy = format!(
        "WITH copy AS (SELECT c.* FROM step_calls c JOIN steps s ON s.id = c.step_id WHERE s.task_id = '{first}')
         INSERT INTO step_calls (step_id, {columns})
         SELECT (SELECT id FROM steps WHERE task_id = '{second}'), {columns} FROM copy;
         UPDATE step_calls SET {set} WHERE step_id = (SELECT id FROM steps WHERE task_id = '{second}')"
    );
    app.database().client().await.batch_execute(&copy).await.unwrap();
    app.worker(0).start_again().await;
    second
}

async fn ran(alice: &Client, id: &str) -> (Value, Vec<String>) {
    let task = alice.wait_task(id, "completed").await;
    let events = alice.events(id).await;
    let calls = events.iter().filter_map(|event| event["type"].as_str());
    let calls = calls.filter(|kind| kind.starts_with("call.") || kind.contains("diverged"));
    (task["result"]["output"]["run"]["stdout"].clone(), calls.map(str::to_owned).collect())
}

#[tokio::test]
async fn an_answer_that_is_stored_is_not_asked_for_again() {
    let mut app = TestApp::start().await;
    let alice = app.user("alice").await;
    let stored = r#"response = jsonb_set(response, '{stdout}', '"stored"')"#;
    let id = twin(&mut app, &alice, stored).await;
    let (stdout, calls) = ran(&alice, &id).await;
    assert_eq!(stdout, "stored");
    assert_eq!(calls, [""; 0], "nothing was called");
    let usage = alice.get(&format!("/api/v1/tasks/{id}")).await.json["usage"].clone();
    assert_eq!(usage["tool_calls"], 1, "the call counts, whoever made it: {usage}");
    app.invariants().await;
}

#[tokio::test]
async fn a_call_that_was_begun_and_never_answered_is_made_again() {
    let mut app = TestApp::start().await;
    let alice = app.user("alice").await;
    let begun = "state = 'intended', response = NULL, answered_at = NULL";
    let id = twin(&mut app, &alice, begun).await;
    let (stdout, calls) = ran(&alice, &id).await;
    assert_eq!(stdout, "ran\n");
    assert_eq!(calls, ["call.repeated", "call.finished"]);
    app.invariants().await;
}

#[tokio::test]
async fn a_history_that_asked_for_something_else_is_left_behind() {
    let mut app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = twin(&mut app, &alice, r"request_hash = '\x00'").await;
    let (stdout, calls) = ran(&alice, &id).await;
    assert_eq!(stdout, "ran\n");
    assert_eq!(calls, ["step.diverged", "call.started", "call.finished"]);
    app.invariants().await;
}
