//! Sockets: who may open one, what is said on it, when it closes.

mod connect;
mod every;
mod keeping;
mod limits;
mod resume;
mod revoked;
mod subscribe;

use std::time::Duration;

use ninja_testkit::{Client, TestApp};

/// A worker is not needed where events are made by hand: an API alone.
async fn alone() -> TestApp {
    TestApp::with().workers(0).start().await
}

/// Asks until the answer is as wanted; fails after a minute.
async fn until(mut wanted: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        while !wanted().await {
            pause.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it never came");
}

/// Adds an event to `task` behind everybody's back: no notice tells of it.
async fn event_without_a_notice(app: &TestApp, task: &str) -> i64 {
    let sql = "WITH t AS (UPDATE tasks SET last_seq = last_seq + 1, updated_at = now() WHERE id = $1::text::uuid RETURNING id, last_seq)
               INSERT INTO task_events (task_id, seq, type, data) SELECT id, last_seq, 'task.progress', '{}' FROM t RETURNING seq";
    app.database().client().await.query_one(sql, &[&task]).await.unwrap().get(0)
}

/// Number of the newest event.
async fn last_seq(client: &Client, task: &str) -> i64 {
    client.get(&format!("/api/v1/tasks/{task}")).await.json["last_seq"].as_i64().unwrap()
}

fn seqs(events: &[serde_json::Value]) -> Vec<i64> {
    events.iter().map(|event| event["seq"].as_i64().unwrap()).collect()
}
