use ninja_db::sweep;
use ninja_types::WorkerId;

use crate::world::{World, chain};

/// Lets the worker's lease run out and takes its jobs over, as the leader of the sweepers does.
async fn sweep_up(world: &World, worker: WorkerId) {
    world
        .execute(&format!(
            "UPDATE workers SET lease_until = now() - interval '1 s' WHERE id = '{worker}'"
        ))
        .await;
    let mut conn = world.conn().await;
    sweep::mark_lost(&mut conn).await.expect("marked");
    for expired in sweep::expired(&mut conn, 100).await.expect("found") {
        sweep::take_over(&mut conn, &expired, 3).await.expect("taken over");
    }
    world.execute("UPDATE jobs SET enqueued_at = now() WHERE state = 'ready'").await;
}

#[tokio::test]
async fn a_step_of_a_lost_worker_is_ready_again_under_a_new_epoch() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    world.claim(created.pushes[0].job, worker).await.expect("a lease");
    sweep_up(&world, worker).await;
    assert_eq!(world.steps(created.task.id).await, "1 ready");
    assert_eq!(
        world
            .ask("SELECT state || ' ' || epoch || ' ' || crashes || ' ' || attempt FROM jobs")
            .await,
        "ready 2 1 1"
    );
    assert!(world.events(created.task.id).await.ends_with("step.retried"));
}

#[tokio::test]
async fn a_handler_that_never_started_is_no_crash() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.execute("UPDATE jobs SET started_at = NULL").await;
    sweep_up(&world, worker).await;
    assert_eq!(world.ask("SELECT crashes || ' ' || attempt FROM jobs").await, "0 0");
}

#[tokio::test]
async fn a_job_that_ends_three_workers_is_parked_and_its_task_fails_as_poisoned() {
    let world = World::new().await;
    let created = world.create(chain(2)).await;
    let job = world.job_of(created.task.id, 1).await;
    for crash in 0..3 {
        let worker = world.worker(&[]).await;
        let lease = world.claim(job, worker).await.expect("a lease");
        assert_eq!((lease.crashes, lease.started), (crash, crash == 0), "alone after a crash");
        assert!(ninja_db::jobs::start(&mut world.conn().await, &lease).await.expect("started"));
        sweep_up(&world, worker).await;
    }
    assert_eq!(world.status(created.task.id).await, "failed");
    assert_eq!(world.ask("SELECT error ->> 'code' FROM tasks").await, "poisoned");
    assert_eq!(world.ask("SELECT state || ' ' || crashes FROM jobs").await, "dead 3");
}

#[tokio::test]
async fn a_takeover_that_comes_late_changes_nothing() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let seen = sweep::Expired { job: lease.job, epoch: lease.epoch, worker };
    world.finish(&lease).await;
    let late = sweep::take_over(&mut world.conn().await, &seen, 3).await.expect("asked");
    assert_eq!(late, None);
    assert_eq!(world.status(created.task.id).await, "completed");
}

#[tokio::test]
async fn one_sweeper_leads_until_its_session_ends() {
    let world = World::new().await;
    let (mut one, mut two) = (world.conn().await, world.conn().await);
    assert!(sweep::lead(&mut one).await.expect("asked"));
    assert!(sweep::lead(&mut one).await.expect("still"));
    assert!(!sweep::lead(&mut two).await.expect("the other"));
    let ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    world.execute(ended).await;
    assert!(sweep::lead(&mut two).await.expect("now"));
}
