//! R10: the same key gives the same answer, once.

use ninja_testkit::{Answer, Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn keyed(client: &Client, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, "/api/v1/tasks").header("Idempotency-Key", key);
    Answer::of(request.json(body)).await
}

fn drill(steps: u32) -> Value {
    json!({"description": "A drill", "task_type": "custom", "parameters": {"agent": "noop", "steps": steps}})
}

#[tokio::test]
async fn twenty_twins_make_one_task_and_get_equal_bodies() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let mut twins = JoinSet::new();
    for _ in 0..20 {
        let alice = alice.clone();
        twins.spawn(async move { keyed(&alice, "k1", &drill(1)).await });
    }
    let answers = twins.join_all().await;
    let mut replayed = 0;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{answer}");
        assert_eq!(answer.json, answers[0].json);
        assert_eq!(answer.headers["location"], answers[0].headers["location"]);
        replayed += usize::from(answer.headers.contains_key("idempotency-replayed"));
    }
    assert_eq!(replayed, 19);
    let list = alice.get("/api/v1/tasks").await;
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(1));
    app.invariants().await;
}

#[tokio::test]
async fn a_key_belongs_to_its_user_and_its_body_and_to_successes_only() {
    let app = TestApp::with().workers(0).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    assert_eq!(keyed(&alice, "k", &drill(51)).await.status, 422);
    let first = keyed(&alice, "k", &drill(1)).await;
    assert_eq!(first.status, 201, "a refusal is not stored: {first}");
    let mut reordered = drill(1);
    reordered["parameters"] = json!({"steps": 1, "agent": "noop"});
    assert_eq!(keyed(&alice, "k", &reordered).await.json["id"], first.json["id"]);
    assert_eq!(keyed(&alice, "k", &drill(2)).await.json["code"], "idempotency_key_reused");
    let other = keyed(&bob, "k", &drill(2)).await;
    assert_eq!(other.status, 201, "{other}");
    assert_eq!(keyed(&alice, "", &drill(1)).await.json["code"], "invalid_idempotency_key");
}

#[tokio::test]
async fn a_key_is_forgotten_after_its_time() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let first = keyed(&alice, "k", &drill(1)).await;
    let client = app.database().client().await;
    client
        .execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'", &[])
        .await
        .unwrap();
    let second = keyed(&alice, "k", &drill(2)).await;
    assert_eq!(second.status, 201, "{second}");
    assert_ne!(first.json["id"], second.json["id"]);
}
