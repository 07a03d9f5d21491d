//! A twin of a request that is still at work waits for it, and no longer than a lock may.

use ninja_testkit::{Answer, Client, TestApp};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

fn asked(alice: &Client, path: &str) -> RequestBuilder {
    let request = alice.request(Method::POST, path).header("Idempotency-Key", "twin");
    let part = || Part::bytes(b"a,b\n1,2\n".to_vec()).file_name("a.csv");
    match path {
        "/api/v1/files/upload" => request.multipart(Form::new().part("file", part())),
        "/api/v1/files/upload-multiple" => request.multipart(Form::new().part("files", part())),
        path if path.ends_with("/clone") => request.json(&json!({})),
        _ => request.json(&json!({ "description": "A drill", "task_type": "custom",
            "parameters": { "agent": "noop", "steps": 1 } })),
    }
}

#[tokio::test]
async fn a_twin_is_told_to_come_back_and_then_finds_the_key_free() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let clone = format!("/api/v1/tasks/{}/clone", alice.create_noop(1, 0).await);
    let paths = ["/api/v1/tasks", "/api/v1/files/upload", "/api/v1/files/upload-multiple", &*clone];
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
