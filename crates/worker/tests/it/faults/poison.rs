use ninja_testkit::TestApp;
use serde_json::json;

use crate::fleet::{column, eventually, nothing_was_repeated, number, size};

#[tokio::test]
async fn a_job_that_kills_its_worker_is_parked_alone_after_three_crashes_and_the_others_complete() {
    let innocents = size(10, 100);
    let mut app = TestApp::with().set("NINJA_WORKER__CONCURRENCY", "4").start().await;
    let (alice, mallory) = (app.user("alice").await, app.user("mallory").await);
    let poison = mallory.create_drill(json!({"steps": 1, "crash": true})).await;
    let mut tasks = Vec::new();
    for _ in 0..innocents {
        tasks.push(alice.create_noop(1, 100).await);
    }
    for _ in 0..3 {
        assert!(!app.worker(0).exited().await.success());
        app.worker(0).start_again().await;
    }
    let failed = mallory.wait_task(&poison, "failed").await;
    assert_eq!(failed["error"]["code"], "poisoned", "{failed}");
    for task in &tasks {
        alice.wait_task(task, "completed").await;
    }
    assert_eq!(column(&app, "SELECT crashes FROM jobs WHERE state = 'dead'").await, ["3"]);
    // The poison ran alone from its second attempt on, so a neighbour was hit by the first crash at most.
    let hit = "
        SELECT coalesce(max(n), 0) FROM (
            SELECT count(*) n FROM task_events WHERE type = 'step.retried' AND data ->> 'reason' = 'takeover'
               AND task_id <> (SELECT id FROM tasks WHERE status = 'failed') GROUP BY task_id) hits";
    assert!(number(&app, hit).await <= 1);
    eventually("no other job is left", async || {
        number(&app, "SELECT count(*) FROM jobs WHERE state <> 'dead'").await == 0
    })
    .await;
    nothing_was_repeated(&app).await;
}
