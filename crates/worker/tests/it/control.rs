//! Pauses and budgets of tasks whose programs really run.

use ninja_testkit::{Client, TestApp};
use serde_json::{Value, json};

use crate::fleet::{eventually, number};

/// Two programs, one after the other.
fn two(first: &str) -> Value {
    let step = |key: &str, code: &str, after: &[&str]| {
        json!({
            "key": key, "agent_type": "coder", "capability": "code_execution", "depends_on": after,
            "parameters": { "language": "bash", "code": code },
        })
    };
    let steps = [step("first", first, &[]), step("second", "echo second", &["first"])];
    json!({ "task_type": "custom", "description": "Two programs", "parameters": { "steps": steps } })
}

async fn types(client: &Client, task: &str) -> Vec<String> {
    let events = client.events(task).await;
    events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_pause_lets_the_program_in_flight_end_and_begins_no_other() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let task = alice.create(&two("sleep 3; echo first")).await;
    eventually("the program runs", async || {
        number(&app, "SELECT count(*) FROM step_calls WHERE state = 'intended'").await == 1
    })
    .await;
    let paused = alice.post_empty(&format!("/api/v1/tasks/{task}/pause")).await;
    assert_eq!((paused.status, &paused.json["status"]), (200, &json!("paused")), "{paused}");
    eventually("its answer is stored", async || {
        number(&app, "SELECT count(*) FROM steps WHERE status = 'completed'").await == 1
    })
    .await;
    let events = types(&alice, &task).await;
    let tail = &events[events.iter().position(|it| it == "task.paused").unwrap()..];
    let told = ["task.paused", "call.finished", "step.completed", "step.ready", "task.progress"];
    assert_eq!(tail, told, "the call ends, the step completes, no other begins");
    app.invariants().await;
    let resumed = alice.post_empty(&format!("/api/v1/tasks/{task}/resume")).await;
    assert_eq!((resumed.status, &resumed.json["status"]), (200, &json!("running")), "{resumed}");
    let done = alice.wait_task(&task, "completed").await;
    assert_eq!(done["result"]["output"]["second"]["stdout"], "second\n");
    assert_eq!(number(&app, "SELECT count(*) FROM step_calls").await, 2);
    app.invariants().await;
}

#[tokio::test]
async fn a_task_waits_for_calls_and_goes_on_at_the_same_call() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut body = two("echo first");
    body["budget"] = json!({ "max_calls": 1 });
    let task = alice.create(&body).await;
    let waiting = alice.wait_task(&task, "waiting").await;
    assert_eq!(waiting["waiting"]["reason"], "budget", "{waiting}");
    app.invariants().await;
    let raised =
        alice.post(&format!("/api/v1/tasks/{task}/budget"), &json!({ "add_calls": 1 })).await;
    assert_eq!((raised.status, &raised.json["status"]), (200, &json!("running")), "{raised}");
    let done = alice.wait_task(&task, "completed").await;
    assert_eq!(done["usage"]["tool_calls"], 2);
    app.invariants().await;
}

#[tokio::test]
async fn a_retry_runs_only_what_was_not_done_and_keeps_the_files() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut body = two("echo first; echo kept > kept.txt");
    body["budget"] = json!({ "max_calls": 1, "on_exceeded": "fail" });
    let failed = alice.create(&body).await;
    let end = alice.wait_task(&failed, "failed").await;
    assert_eq!(end["error"]["data"]["limit"], "max_calls", "{end}");
    let wish = json!({ "budget": { "max_calls": 1 } });
    let made = alice.post(&format!("/api/v1/tasks/{failed}/retry"), &wish).await;
    assert_eq!((made.status, &made.json["retry_of"]), (201, &json!(failed)), "{made}");
    let again = made.json["id"].as_str().unwrap();
    let done = alice.wait_task(again, "completed").await;
    assert_eq!(done["usage"]["tool_calls"], 1, "one call was needed: {done}");
    let events = types(&alice, again).await;
    assert_eq!(events.iter().filter(|it| *it == "call.started").count(), 1, "{events:?}");
    let kept = alice.get(&format!("/api/v1/tasks/{again}/artifacts")).await;
    let file = &kept.json["data"][0];
    assert_eq!((&file["path"], &file["task_id"]), (&json!("kept.txt"), &json!(again)), "{kept}");
    assert_eq!(alice.delete(&format!("/api/v1/tasks/{failed}")).await.status, 204);
    let bytes = format!("/api/v1/artifacts/{}/content", file["id"].as_str().unwrap());
    assert_eq!(alice.bytes(&bytes).await, (200, b"kept\n".to_vec()), "though the first is gone");
    app.invariants().await;
}
