//! Retry and clone.

use insta::assert_snapshot;
use ninja_testkit::{Answer, Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

async fn cancelled(client: &Client) -> String {
    let task = client.create_noop(3, 0).await;
    assert_eq!(client.post_empty(&format!("/api/v1/tasks/{task}/cancel")).await.status, 200);
    task
}

async fn keyed(client: &Client, path: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, path).header("Idempotency-Key", "once");
    Answer::of(request.json(body)).await
}

#[tokio::test]
async fn a_retry_and_a_clone_with_the_same_key_make_one_task_each() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let source = cancelled(&alice).await;
    for action in ["retry", "clone"] {
        let path = format!("/api/v1/tasks/{source}/{action}");
        let none = json!({});
        let (one, two) = tokio::join!(keyed(&alice, &path, &none), keyed(&alice, &path, &none));
        assert_eq!((one.status, two.status), (201, 201), "{one} {two}");
        assert_eq!(one.json, two.json);
        let replayed = |answer: &Answer| answer.headers.contains_key("idempotency-replayed");
        assert_ne!(replayed(&one), replayed(&two));
        let at = format!("/api/v1/tasks/{}", one.json["id"].as_str().unwrap());
        assert_eq!(one.headers["location"], at.as_str());
        let other = keyed(&alice, &path, &json!({"budget": {"max_calls": 7}})).await;
        assert_eq!(other.json["code"], "idempotency_key_reused", "{other}");
    }
    let list = alice.get("/api/v1/tasks").await;
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(3));
    app.invariants().await;
}

#[tokio::test]
async fn a_retry_takes_a_budget_and_refuses_what_it_cannot_do() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let source = cancelled(&alice).await;
    let path = format!("/api/v1/tasks/{source}/retry");
    let made = alice.post(&path, &json!({"from_step": 1, "budget": {"max_calls": 7}})).await;
    assert_eq!((&made.json["budget"]["max_calls"], made.status), (&json!(7), 201), "{made}");
    assert_eq!(made.json["budget"]["max_tokens"], 500_000, "as before");
    let events = alice.events(made.json["id"].as_str().unwrap()).await;
    assert_eq!(events[0]["data"]["retry_of"], source.as_str());
    assert_snapshot!(alice.post(&path, &json!({"from_step": 4})).await, @r"
    422 validation_failed: from_step must be a step of the task: 1 to 3.
      /from_step unknown_reference: must be a step of the task: 1 to 3
    ");
    assert_snapshot!(alice.post(&path, &json!({"from_step": 2})).await, @r"
    422 validation_failed: from_step cannot be reached: step 1, which it depends on, did not complete; begin with that one.
      /from_step unknown_reference: cannot be reached: step 1, which it depends on, did not complete; begin with that one
    ");
    let model = alice.post(&path, &json!({"model": "gpt-x"})).await;
    assert_eq!(model.json["errors"][0]["code"], "pattern", "{model}");
    let rich = alice.post(&path, &json!({"budget": {"max_cost_usd": "6"}})).await;
    assert_eq!((rich.status, &rich.json["code"]), (403, &json!("plan_limit")), "{rich}");
    let running = alice.create_noop(1, 0).await;
    assert_snapshot!(
        alice.post_empty(&format!("/api/v1/tasks/{running}/retry")).await,
        @"409 wrong_status: A pending task cannot be retried: cancel it first, or let it end."
    );
    app.invariants().await;
}

#[tokio::test]
async fn a_clone_repeats_the_request_but_for_what_is_given() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let source = alice
        .create(&json!({
            "description": "A drill", "task_type": "custom", "tags": ["a"], "metadata": {"k": "v"},
            "parameters": {"agent": "noop", "steps": 2}, "budget": {"max_calls": 5, "max_tokens": 6},
        }))
        .await;
    let path = format!("/api/v1/tasks/{source}/clone");
    let same = alice.post_empty(&path).await;
    assert_eq!(same.status, 201, "{same}");
    let old = alice.get(&format!("/api/v1/tasks/{source}")).await.json;
    for field in ["title", "description", "task_type", "parameters", "tags", "metadata", "budget"] {
        assert_eq!(same.json[field], old[field], "{field}");
    }
    assert_eq!((&same.json["clone_of"], &same.json["retry_of"]), (&json!(source), &json!(null)));
    let wish = json!({"description": "Another", "budget": {"max_calls": 9}, "tags": []});
    let other = alice.post(&path, &wish).await.json;
    assert_eq!((&other["title"], &other["tags"]), (&json!("Another"), &json!([])));
    assert_eq!(
        (&other["budget"]["max_calls"], &other["budget"]["max_tokens"]),
        (&json!(9), &json!(6))
    );
    let wrong = alice.post(&path, &json!({"parameters": {"agent": "noop", "steps": 99}})).await;
    assert_eq!(wrong.json["errors"][0]["field"], "/parameters/steps", "{wrong}");
    let rich = alice.post(&path, &json!({"budget": {"max_cost_usd": "6"}})).await;
    assert_eq!((rich.status, &rich.json["code"]), (403, &json!("plan_limit")), "{rich}");
    let bob = app.user("bob").await;
    assert_eq!(bob.post_empty(&path).await.status, 404);
    app.invariants().await;
}

#[tokio::test]
async fn a_task_whose_files_are_gone_is_neither_cloned_nor_retried() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = alice.upload("a.txt", "hello").await.json["id"].as_str().unwrap().to_owned();
    let step = json!({
        "key": "run", "agent_type": "coder", "capability": "code_execution",
        "parameters": {"language": "bash", "code": "cat a.txt"},
    });
    let body = json!({
        "description": "Read it", "task_type": "custom",
        "parameters": {"files": [file], "steps": [step]},
    });
    let task = alice.create(&body).await;
    alice.wait_task(&task, "completed").await;
    let mut long = body.clone();
    long["parameters"]["steps"][0]["parameters"]["code"] = json!("sleep 600");
    let ended = alice.create(&long).await;
    alice.wait_task(&ended, "running").await;
    alice.post_empty(&format!("/api/v1/tasks/{ended}/cancel")).await;
    alice.wait_task(&ended, "cancelled").await;
    assert_eq!(alice.delete(&format!("/api/v1/files/{file}")).await.status, 204);
    assert_snapshot!(alice.post_empty(&format!("/api/v1/tasks/{task}/clone")).await, @r"
    422 validation_failed: parameters/files/0 names no file of yours.
      /parameters/files/0 unknown_reference: names no file of yours
    ");
    let retried = alice.post_empty(&format!("/api/v1/tasks/{ended}/retry")).await;
    assert_eq!((retried.status, &retried.json["code"]), (422, &json!("validation_failed")));
    assert!(retried.json["detail"].as_str().unwrap().contains(&file), "{retried}");
    app.invariants().await;
}
