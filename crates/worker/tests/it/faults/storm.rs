use std::time::Duration;

use ninja_testkit::TestApp;

use crate::fleet::{column, nothing_was_repeated, number, size};

#[tokio::test]
async fn every_task_completes_once_while_a_worker_is_killed_every_two_seconds() {
    let count = size(40, 300);
    let mut app = TestApp::with()
        .workers(2)
        .set("NINJA_WORKER__MAX_CRASHES", "10") // at 3, chance would park the innocent
        .start()
        .await;
    let alice = app.user("alice").await;
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(alice.create_noop(3, 150).await);
    }
    let mut every = tokio::time::interval(Duration::from_secs(2));
    every.tick().await; // at once
    let mut victim = 0;
    loop {
        every.tick().await;
        let open =
            "SELECT count(*) FROM tasks WHERE status NOT IN ('completed', 'failed', 'cancelled')";
        if number(&app, open).await == 0 {
            break;
        }
        app.worker(victim).sigkill();
        app.worker(victim).start_again().await;
        victim = 1 - victim;
    }
    assert_eq!(column(&app, "SELECT DISTINCT status FROM tasks").await, ["completed"]);
    let steps = i64::try_from(count * 3).unwrap();
    let results = "SELECT count(*) FROM steps WHERE status = 'completed' AND result IS NOT NULL";
    assert_eq!(number(&app, results).await, steps);
    let completed = "SELECT count(*) FROM task_events WHERE type = 'step.completed'";
    assert_eq!(number(&app, completed).await, steps);
    assert_eq!(number(&app, "SELECT count(*) FROM jobs").await, 0);
    nothing_was_repeated(&app).await;
}
