//! What the ledger of the model server says beside the product's own tables.

use ninja_testkit::{Database, ModelServer};
use ninja_types::ProviderKind;
use serde_json::json;

const STEP: &str = "0192e4a0-0000-7000-8000-000000000001";

/// A server that was asked call 1 of the step, and a database that knows of it: answered so many seconds from now.
async fn asked(answered_in: i32) -> (ModelServer, Database) {
    let server = ModelServer::start().await;
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}chat/completions", server.url(ProviderKind::OpenAi));
    let request = client.post(url).bearer_auth("sk-1").json(&body);
    request.header("X-Client-Request-Id", format!("{STEP}.1.2")).send().await.unwrap();
    let database = Database::fresh().await;
    // Only the journal matters here, so the rows above it are left out.
    let insert = format!(
        "SET session_replication_role = replica;
         INSERT INTO step_calls (step_id, call_no, epoch, kind, name, effect, state, request_hash, request, response,
             started_at, answered_at)
         VALUES ('{STEP}', 1, 1, 'model', 'm', 'idempotent', 'done', '', '{{}}', '{{}}', now(),
             now() + make_interval(secs => {answered_in}))"
    );
    database.client().await.batch_execute(&insert).await.unwrap();
    (server, database)
}

#[tokio::test]
async fn a_call_that_was_answered_after_it_was_asked_is_in_order() {
    let (server, database) = asked(60).await;
    database.invariants_with(&server.ledger()).await;
}

#[tokio::test]
#[should_panic(expected = "1 calls were bought twice")]
async fn a_call_that_was_asked_after_its_answer_was_stored_was_bought_twice() {
    let (server, database) = asked(-60).await;
    database.invariants_with(&server.ledger()).await;
}
