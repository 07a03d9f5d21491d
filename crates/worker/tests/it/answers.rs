//! A question without steps, through the whole product: a provider of the configuration, a worker, a model's answer.

use ninja_testkit::model_server::Reply;
use ninja_testkit::{ModelServer, TestApp};
use ninja_types::ProviderKind;
use serde_json::{Value, json};

const WORDS: &str = "A lease is a promise with an end.";

fn question() -> Value {
    json!({ "description": "What is a lease?", "task_type": "custom" })
}

async fn app_with(server: &ModelServer) -> TestApp {
    let url = server.url(ProviderKind::OpenAi);
    let setup = TestApp::with().set("NINJA_PROVIDERS__OPENAI_API_KEY", "sk-of-a-test");
    setup.set("NINJA_PROVIDERS__OPENAI_BASE_URL", &url).start().await
}

#[tokio::test]
async fn a_question_is_answered_and_the_task_says_by_whom_and_for_how_much() {
    let server = ModelServer::start().await;
    server.reply(Reply::text(WORDS).and_tool("finish", json!({ "summary": "A promise." })));
    let app = app_with(&server).await;
    let alice = app.user("alice").await;
    let id = alice.create(&question()).await;
    let task = alice.wait_task(&id, "completed").await;
    assert_eq!(task["result"]["summary"], "A promise.");
    assert_eq!(task["result"]["output"]["answer"]["answer"], WORDS);
    let usage = &task["usage"];
    assert_eq!((&usage["model_calls"], &usage["estimated"]), (&json!(1), &json!(false)));
    let cost = usage["cost_usd"].as_str().unwrap().to_owned();
    assert!(cost.as_str() > "0.000000", "{usage}");
    assert_eq!(task["budget"]["reserved_usd"], "0.000000");

    let steps = alice.get(&format!("/api/v1/tasks/{id}/steps")).await;
    let step = steps.json["data"][0]["id"].as_str().unwrap().to_owned();
    let calls = alice.get(&format!("/api/v1/tasks/{id}/steps/{step}/calls")).await;
    let call = &calls.json["data"][0];
    assert_eq!((&call["kind"], &call["provider"]), (&json!("model"), &json!("openai")), "{call}");
    assert_eq!((&call["cost_usd"], &call["fallback_from"]), (&json!(cost), &Value::Null), "{call}");
    let me = alice.get("/api/v1/auth/me").await;
    assert_eq!(me.json["usage_today"]["cost_usd"], json!(cost));
    let asked = server.ledger();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].request_id.as_deref(), Some(format!("{step}.1.1").as_str()));
    assert_eq!(asked[0].key.as_deref(), Some("sk-of-a-test"));
    app.invariants().await;
}

#[tokio::test]
async fn a_model_that_never_finishes_fails_the_task_and_is_paid() {
    let server = ModelServer::start().await;
    server.always(Reply::text(WORDS));
    let app = app_with(&server).await;
    let alice = app.user("alice").await;
    let id = alice.create(&question()).await;
    let task = alice.wait_task(&id, "failed").await;
    assert_eq!(task["error"]["code"], "contract_failed");
    assert_eq!(task["error"]["data"]["checks"][0]["name"], "finished");
    let me = alice.get("/api/v1/auth/me").await;
    assert_ne!(me.json["usage_today"]["cost_usd"], "0.000000", "two answers were bought");
    assert_eq!(server.ledger().len(), 2);
    app.invariants().await;
}

#[tokio::test]
async fn without_a_provider_the_task_says_what_to_configure() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create(&question()).await;
    let task = alice.wait_task(&id, "failed").await;
    assert_eq!(task["error"]["code"], "no_model");
    assert!(task["error"]["message"].as_str().unwrap().contains("ninjactl provider add"));
    app.invariants().await;
}
