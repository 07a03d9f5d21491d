//! A twin of a request that is still at work waits for it, and no longer than a lock may.

use ninja_testkit::{Answer, Client, TestApp};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const INVOKE: &str = "/api/v1/agents/analyst/capabilities/descriptive_statistics/invoke";

/// Somebody who could run it was here today.
const LATELY: &str = "INSERT INTO workers (id, host, version, roles, pools, provides, sandbox, concurrency, lease_until)
    VALUES (gen_random_uuid(), '', '', '{}', '{}', '{python,python3-pandas,python3-numpy,python3-scipy,python3-openpyxl,python3-statsmodels,python3-matplotlib}', '{}', 1, now())";

fn asked(alice: &Client, path: &str) -> RequestBuilder {
    let request = alice.request(Method::POST, path).header("Idempotency-Key", "twin");
    let part = || Part::bytes(b"a,b\n1,2\n".to_vec()).file_name("a.csv");
    match path {
        "/api/v1/files/upload" => request.multipart(Form::new().part("file", part())),
        "/api/v1/files/upload-multiple" => request.multipart(Form::new().part("files", part())),
        path if path.ends_with("/clone") => request.json(&json!({})),
        INVOKE => request.json(&json!({ "parameters": { "data": { "rows": [{ "a": 1 }] } } })),
        _ => request.json(&json!({ "description": "A drill", "task_type": "custom",
            "parameters": { "agent": "noop", "steps": 1 } })),
    }
}

#[tokio::test]
async fn a_twin_is_told_to_come_back_and_then_finds_the_key_free() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let clone = format!("/api/v1/tasks/{}/clone", alice.create_noop(1, 0).await);
    app.database().client().await.execute(LATELY, &[]).await.expect("a worker of today");
    let files = ["/api/v1/files/upload", "/api/v1/files/upload-multiple"];
    let paths = ["/api/v1/tasks", files[0], files[1], &*clone, INVOKE];
    // Another request with the same key has begun and does not end.
    let held = app.database().client().await;
    held.batch_execute("BEGIN").await.expect("a transaction");
    for path in paths {
        let sql =
            "INSERT INTO idempotency_keys (user_id, method, path, key, fingerprint, status, body)
            SELECT id, 'POST', $1, 'twin', '', 0, 'null' FROM users";
        held.execute(sql, &[&path]).await.expect("the key is taken");
    }
    let answers = paths.map(|path| Answer::of(asked(&alice, path)));
    for answer in futures_util::future::join_all(answers).await {
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer, @"409 idempotency_in_flight: The first request with this Idempotency-Key has not ended yet.");
        }
        assert_eq!(answer.headers["retry-after"], "1");
    }
    held.batch_execute("ROLLBACK").await.expect("the first request failed");
    for path in paths {
        assert_eq!(Answer::of(asked(&alice, path)).await.status, 201, "{path}");
    }
}
