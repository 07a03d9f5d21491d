use insta::assert_snapshot;
use ninja_testkit::TestApp;

#[tokio::test]
async fn only_a_task_that_has_ended_is_deleted_with_all_that_hangs_on_it() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 0).await;
    let path = format!("/api/v1/tasks/{id}");
    assert_snapshot!(
        alice.delete(&path).await,
        @"409 wrong_status: A pending task cannot be deleted: cancel it first, or let it end."
    );
    alice.post_empty(&format!("{path}/cancel")).await;
    assert_eq!(alice.delete(&path).await.status, 204);
    for gone in [path.clone(), format!("{path}/steps"), format!("{path}/events")] {
        assert_eq!(alice.get(&gone).await.status, 404, "{gone}");
    }
    assert_eq!(alice.delete(&path).await.status, 404);
    let client = app.database().client().await;
    for table in ["tasks", "steps", "task_events", "jobs"] {
        let sql = format!("SELECT count(*) FROM {table}");
        let left: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
        assert_eq!(left, 0, "{table}");
    }
    let acts =
        client.query("SELECT outcome FROM audit_log WHERE action = 'task.delete'", &[]).await;
    assert_eq!(acts.unwrap().len(), 1);
}
