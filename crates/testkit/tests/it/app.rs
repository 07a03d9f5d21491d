use ninja_testkit::TestApp;

#[tokio::test]
async fn a_task_runs_through_the_real_programs() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(2, 0).await;
    let done = alice.wait_task(&task, "completed").await;
    assert_eq!(done["progress"], 100);
    let events = alice.events(&task).await;
    assert_eq!(events.last().unwrap()["type"], "task.completed");
    let mut live = alice.sse(&task, 0).await;
    assert_eq!(live.rest().await.len(), events.len());
    app.invariants().await;
    assert!(app.state().await.starts_with("task 1  completed\n  step 1  completed  noop\n"));
}

#[tokio::test]
async fn a_killed_api_comes_back_under_its_address() {
    let mut app = TestApp::with().workers(0).start().await;
    let alice = app.user("alice").await;
    app.api().sigkill();
    app.api().start_again().await;
    let me = alice.get("/api/v1/auth/me").await;
    assert_eq!((me.status, &me.json["username"]), (200, &"alice".into()));
}

#[tokio::test]
async fn programs_end_by_themselves_when_asked() {
    let mut app = TestApp::start().await;
    app.worker(0).sigterm();
    assert!(app.worker(0).exited().await.success());
    app.api().sigterm();
    assert!(app.api().exited().await.success());
}
