use insta::assert_snapshot;
use ninja_testkit::{Answer, TestApp};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_budget_is_raised_by_what_is_named_once_per_key_and_within_limits() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(1, 0).await;
    let path = format!("/api/v1/tasks/{task}/budget");
    for replayed in [false, true] {
        let more = json!({"add_calls": 5, "add_cost_usd": "0.5"});
        let request = alice.request(Method::POST, &path).header("Idempotency-Key", "k").json(&more);
        let raised = Answer::of(request).await;
        assert_eq!(raised.status, 200, "{raised}");
        assert_eq!(raised.headers.contains_key("idempotency-replayed"), replayed);
        let budget = &raised.json["budget"];
        assert_eq!(
            (&budget["max_calls"], &budget["max_cost_usd"]),
            (&json!(205), &json!("1.500000"))
        );
    }
    let last = alice.events(&task).await.pop().unwrap();
    assert_eq!(
        (&last["type"], &last["data"]["max_calls"]),
        (&json!("budget.changed"), &json!(205))
    );
    assert_snapshot!(alice.post(&path, &json!({})).await, @r"
    422 validation_failed: The body must name one at least: add_cost_usd, add_tokens, add_wall_seconds, add_calls.
       required: must name one at least: add_cost_usd, add_tokens, add_wall_seconds, add_calls
    ");
    assert_snapshot!(alice.post(&path, &json!({"add_cost_usd": "0", "add_calls": 1})).await, @r"
    422 validation_failed: add_cost_usd must be above 0.
      /add_cost_usd too_small: must be above 0
    ");
    assert_snapshot!(alice.post(&path, &json!({"add_calls": 1796})).await, @r"
    422 validation_failed: add_calls must be <= 1795 for this task.
      /add_calls too_large: must be <= 1795 for this task
    ");
    assert_snapshot!(alice.post(&path, &json!({"add_cost_usd": "4"})).await, @r"
    403 plan_limit: Your role does not allow this: must be <= 3.500000, or the task has more than 5.000000.
      /add_cost_usd too_large: must be <= 3.500000, or the task has more than 5.000000
    ");
    app.invariants().await;
}

#[tokio::test]
async fn nobody_reads_a_message_where_no_step_asks_a_model() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(1, 0).await;
    let path = format!("/api/v1/tasks/{task}/messages");
    assert_snapshot!(
        alice.post(&path, &json!({"content": "Use euros, please."})).await,
        @"409 wrong_status: A pending task cannot be told anything: none of its open steps asks a model, so nobody would read it."
    );
    let wrong = alice.post(&path, &json!({"content": "", "file": 1})).await;
    assert_eq!((wrong.status, wrong.json["errors"].as_array().map(Vec::len)), (422, Some(2)));
}

#[tokio::test]
async fn a_message_is_taken_where_an_open_step_asks_a_model() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let asked = json!({"description": "Why does it rain?", "task_type": "custom"});
    let task = alice.post("/api/v1/tasks", &asked).await;
    assert_eq!(task.status, 201, "{task}");
    let path = format!("/api/v1/tasks/{}/messages", task.json["id"].as_str().unwrap());
    let told = alice.post(&path, &json!({"content": "In two sentences."})).await;
    assert_eq!((told.status, &told.json["content"]), (202, &json!("In two sentences.")), "{told}");
    app.invariants().await;
}

#[tokio::test]
async fn a_paused_task_says_how_it_goes_on() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(1, 600_000).await;
    alice.wait_task(&task, "running").await;
    let path = format!("/api/v1/tasks/{task}");
    let paused = alice.post_empty(&format!("{path}/pause")).await;
    assert_eq!(paused.status, 200, "{paused}");
    let explained = alice.get(&format!("{path}/explain")).await.json;
    let first = &explained["reasons"][0];
    assert_eq!(first["code"], "paused", "{explained}");
    assert_eq!(
        first["unblock"],
        json!({"method": "POST", "path": format!("{path}/resume"), "who": "owner"})
    );
    assert_snapshot!(
        alice.post_empty(&format!("{path}/pause")).await,
        @"409 wrong_status: A paused task cannot be paused: it is already; resume it when it is to go on."
    );
    app.invariants().await;
}

#[tokio::test]
async fn a_task_that_waits_for_its_budget_says_which_request_helps_until_when() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let step = |key: &str| {
        json!({"key": key, "agent_type": "coder", "capability": "code_execution",
               "parameters": {"language": "bash", "code": "true"}})
    };
    let body = json!({
        "description": "Two", "task_type": "custom", "budget": {"max_calls": 1},
        "parameters": {"steps": [step("a"), step("b")]},
    });
    let task = alice.create(&body).await;
    let waiting = alice.wait_task(&task, "waiting").await;
    let path = format!("/api/v1/tasks/{task}");
    let explained = alice.get(&format!("{path}/explain")).await.json;
    assert_eq!(explained["moving"], false, "{explained}");
    let first = &explained["reasons"][0];
    assert_eq!(
        (&first["code"], &first["data"]["limit"]),
        (&json!("needs_budget"), &json!("max_calls"))
    );
    assert_eq!(first["data"]["wait_until"], waiting["waiting"]["wait_until"]);
    assert_eq!(
        first["unblock"],
        json!({"method": "POST", "path": format!("{path}/budget"), "who": "owner"})
    );
    app.invariants().await;
}
