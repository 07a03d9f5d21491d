use ninja_testkit::{Client, TestApp};

use crate::fleet::{column, nothing_was_repeated, number, size};

async fn create(alice: &Client, count: usize) -> Vec<String> {
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(alice.create_noop(3, 20).await);
    }
    tasks
}

async fn all_complete(app: &TestApp, alice: &Client, tasks: &[String]) {
    for task in tasks {
        alice.wait_task(task, "completed").await;
    }
    assert_eq!(number(app, "SELECT max(attempt) FROM (SELECT (data ->> 'attempt')::int attempt FROM task_events WHERE type = 'step.started') starts").await, 1);
    nothing_was_repeated(app).await;
}

#[tokio::test]
async fn work_goes_on_while_redis_is_emptied_again_and_again() {
    let mut app = TestApp::with().workers(2).own_engines().start().await;
    let alice = app.user("alice").await;
    let mut tasks = Vec::new();
    for _ in 0..10 {
        tasks.extend(create(&alice, size(4, 50)).await);
        app.engines().1.flush();
        app.engines().1.client_kill();
    }
    all_complete(&app, &alice, &tasks).await;
}

#[tokio::test]
async fn work_goes_on_while_redis_is_gone_and_after_it_is_back() {
    let mut app = TestApp::with().workers(2).own_engines().start().await;
    let alice = app.user("alice").await;
    let before = create(&alice, size(10, 150)).await;
    app.engines().1.kill9();
    let during = create(&alice, size(10, 150)).await;
    all_complete(&app, &alice, &before).await;
    all_complete(&app, &alice, &during).await; // without Redis, all of them
    app.engines().1.start_empty();
    let after = create(&alice, size(10, 150)).await;
    all_complete(&app, &alice, &after).await;
}

#[tokio::test]
async fn doubled_and_reordered_messages_change_nothing() {
    let mut app = TestApp::with().workers(2).own_engines().start().await;
    let alice = app.user("alice").await;
    let tasks = create(&alice, size(20, 200)).await;
    let client = ::redis::Client::open(app.engines().1.url()).unwrap();
    let mut redis = client.get_connection().unwrap();
    let prefix = app.pairs().iter().find(|(key, _)| key == "NINJA_REDIS__PREFIX");
    let stream = format!("{}:{{researcher}}", prefix.unwrap().1);
    // Every job that is owed right now, newest first, five times each, while they run.
    for round in 0..5 {
        for job in column(&app, "SELECT id FROM jobs ORDER BY id DESC").await {
            let mut add = ::redis::cmd("XADD");
            add.arg(&stream).arg("*").arg("job").arg(&job).arg("kind").arg("run_step");
            let _: String =
                add.query(&mut redis).unwrap_or_else(|error| panic!("{round}: {error}"));
        }
    }
    all_complete(&app, &alice, &tasks).await;
    assert_eq!(
        number(&app, "SELECT count(*) FROM task_events WHERE type = 'step.retried'").await,
        0
    );
}
