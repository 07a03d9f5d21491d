use insta::assert_snapshot;
use ninja_testkit::TestApp;

#[tokio::test]
async fn a_task_that_nobody_runs_is_cancelled_at_once_and_again_the_same() {
    let app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 0).await;
    let path = format!("/api/v1/tasks/{id}/cancel");
    let first = alice.post_empty(&path).await;
    assert_eq!((first.status, first.json["status"].as_str()), (200, Some("cancelled")));
    let again = alice.post_empty(&path).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json, first.json);
    let events = alice.events(&id).await;
    assert_eq!(events.last().unwrap()["type"], "task.cancelled");
    app.invariants().await;
}

#[tokio::test]
async fn a_running_task_is_cancelling_and_ends_when_its_worker_has_let_go() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(2, 60_000).await;
    alice.wait_task(&id, "running").await;
    let answer = alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await;
    assert_eq!((answer.status, answer.json["status"].as_str()), (202, Some("cancelling")));
    let task = alice.wait_task(&id, "cancelled").await;
    assert!(task["completed_at"].is_string());
    assert_eq!(alice.events(&id).await.last().unwrap()["type"], "task.cancelled");
    app.invariants().await;
}

#[tokio::test]
async fn a_completed_and_a_failed_task_are_not_cancelled() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.create_noop(1, 0).await;
    alice.wait_task(&id, "completed").await;
    assert_snapshot!(
        alice.post_empty(&format!("/api/v1/tasks/{id}/cancel")).await,
        @"409 wrong_status: A completed task cannot be cancelled."
    );
}

#[tokio::test]
async fn a_cancelled_task_gives_its_slots_to_the_next() {
    let app =
        TestApp::with().workers(0).set("NINJA_LIMITS__USER__CONCURRENT_STEPS", "1").start().await;
    let alice = app.user("alice").await;
    let (first, second) = (alice.create_noop(1, 0).await, alice.create_noop(1, 0).await);
    let released = async || {
        let sql = "SELECT s.task_id::text FROM jobs j JOIN steps s ON s.id = j.subject_id WHERE enqueued_at IS NOT NULL";
        let rows = app.database().client().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    assert_eq!(released().await.as_slice(), std::slice::from_ref(&first));
    alice.post_empty(&format!("/api/v1/tasks/{first}/cancel")).await;
    assert_eq!(released().await, [second]);
}
