use ninja_testkit::TestApp;
use serde_json::json;

use super::{CSV, api, id};

#[tokio::test]
async fn a_deleted_file_is_gone_and_the_audit_log_knows() {
    let app = api().await;
    let alice = app.user("alice").await;
    let id = id(&alice.upload("a.csv", CSV).await);
    let path = format!("/api/v1/files/{id}");
    assert_eq!(alice.delete(&path).await.status, 204);
    assert_eq!(alice.delete(&path).await.status, 404);
    assert_eq!(alice.get(&format!("{path}/download")).await.status, 404);
    let sql = "SELECT count(*) FROM audit_log WHERE action = 'file.delete' AND object_id = $1";
    let rows = app.database().client().await.query_one(sql, &[&id]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_file_of_an_open_task_stays_until_the_task_has_ended() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = id(&alice.upload("a.csv", CSV).await);
    let path = format!("/api/v1/files/{file}");
    let task = alice
        .create(&json!({"description": "Wait", "task_type": "custom", "parameters": {
            "files": [file],
            "steps": [{"key": "wait", "agent_type": "coder", "capability": "code_execution",
                "depends_on": [], "required": true, "description": "Wait",
                "parameters": {"language": "bash", "code": "sleep 60"}}],
        }}))
        .await;
    assert_eq!(alice.get(&path).await.json["task_ids"], json!([task]));
    let refused = alice.delete(&path).await;
    assert_eq!((refused.status, &refused.json["code"]), (409, &json!("file_in_use")), "{refused}");
    alice.post_empty(&format!("/api/v1/tasks/{task}/cancel")).await;
    alice.wait_task(&task, "cancelled").await;
    assert_eq!(alice.delete(&path).await.status, 204);
}
