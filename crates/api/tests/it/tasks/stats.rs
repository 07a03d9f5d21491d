use ninja_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn tasks_are_counted_by_where_they_stand() {
    let app = TestApp::with().workers(0).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let none = alice.get("/api/v1/tasks/stats/summary").await;
    assert_eq!((&none.json["total_tasks"], &none.json["success_rate"]), (&json!(0), &json!(null)));
    bob.create_noop(1, 0).await;
    let id = alice.create_noop(1, 0).await;
    alice.create_noop(1, 0).await;
    alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    insta::assert_json_snapshot!(alice.get("/api/v1/tasks/stats/summary?window=24h").await.json);
    let sql =
        "UPDATE tasks SET created_at = created_at - interval '8 days' WHERE status = 'cancelled'";
    app.database().client().await.execute(sql, &[]).await.unwrap();
    for (window, total) in [("24h", 1), ("7d", 1), ("30d", 2), ("all", 2)] {
        let answer = alice.get(&format!("/api/v1/tasks/stats/summary?window={window}")).await;
        assert_eq!(answer.json["total_tasks"], total, "{window}: {answer}");
    }
    let bad = alice.get("/api/v1/tasks/stats/summary?window=1y").await;
    assert_eq!((bad.status, bad.json["errors"][0]["field"].as_str()), (422, Some("query:window")));
}

#[tokio::test]
async fn durations_and_rate_are_those_of_ended_tasks() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    alice.wait_task(&id, "completed").await;
    let stats = alice.get("/api/v1/tasks/stats/summary").await.json;
    assert_eq!((&stats["success_rate"], &stats["completed_tasks"]), (&json!(100.0), &json!(1)));
    assert!(stats["p50_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(stats["p50_seconds"], stats["p95_seconds"]);
}
