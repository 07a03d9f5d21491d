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
