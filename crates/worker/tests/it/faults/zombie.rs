use ninja_testkit::TestApp;

use crate::fleet::{at_work, eventually, nothing_was_repeated, number};

#[tokio::test]
async fn a_worker_that_was_paused_past_its_lease_writes_nothing_and_works_on_as_a_new_one() {
    let mut app = TestApp::with().workers(2).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_noop(1, 1500).await;
    let zombie = at_work(&mut app, 2).await;
    app.worker(zombie).sigstop();
    alice.wait_task(&task, "completed").await; // by the other
    let before = app.state().await;
    app.worker(zombie).sigcont();
    eventually("it sees that its lease is lost", async || {
        app.worker(zombie).log().contains("lease.lost")
    })
    .await;
    let other = 1 - zombie;
    app.worker(other).sigterm();
    assert!(app.worker(other).exited().await.success());
    assert_eq!(app.state().await, before, "the zombie wrote");
    let again = alice.create_noop(2, 10).await;
    alice.wait_task(&again, "completed").await; // by the former zombie, under a new id
    assert_eq!(number(&app, "SELECT count(*) FROM workers WHERE state = 'lost'").await, 1);
    nothing_was_repeated(&app).await;
}
