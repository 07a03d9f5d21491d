use ninja_testkit::{Client, TestApp};
use serde_json::Value;

async fn explain(client: &Client, task: &str) -> Value {
    let answer = client.get(&format!("/api/v1/tasks/{task}/explain")).await;
    assert_eq!(answer.status, 200, "{answer}");
    answer.json
}

fn codes(explained: &Value) -> Vec<&str> {
    explained["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_task_without_a_worker_says_so_and_does_not_move() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 0).await;
    let explained = explain(&alice, &id).await;
    assert_eq!(codes(&explained), ["no_worker", "blocked_by"]);
    assert_eq!(explained["moving"], false);
    assert_eq!(explained["reasons"][0]["detail"], "No live worker serves pool researcher.");
}

#[tokio::test]
async fn a_running_task_names_its_worker_and_an_ended_one_has_no_reason() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 60_000).await;
    alice.wait_task(&id, "running").await;
    let explained = explain(&alice, &id).await;
    assert_eq!(codes(&explained), ["running", "blocked_by"]);
    assert_eq!(explained["moving"], true);
    assert!(explained["reasons"][0]["data"]["worker_id"].is_string());
    alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    alice.wait_task(&id, "cancelled").await;
    let ended = explain(&alice, &id).await;
    assert_eq!((codes(&ended), &ended["moving"]), (vec![], &Value::Bool(false)));
}

#[tokio::test]
async fn a_user_with_all_slots_taken_waits_for_themselves() {
    let app = TestApp::with().set("NINJA_LIMITS__USER__CONCURRENT_STEPS", "1").start().await;
    let alice = app.user("alice").await;
    let first = alice.create_noop(1, 60_000).await;
    alice.wait_task(&first, "running").await;
    let second = alice.create_noop(1, 0).await;
    let explained = explain(&alice, &second).await;
    assert_eq!(codes(&explained), ["user_limit"]);
    assert_eq!(explained["reasons"][0]["data"]["limit"], 1);
    alice.post_empty(&format!("/api/v1/tasks/{first}/cancel")).await;
    alice.wait_task(&second, "completed").await;
}
