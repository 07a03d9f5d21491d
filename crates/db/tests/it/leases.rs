use std::time::Duration;

use ninja_db::DbError;
use ninja_db::jobs::GiveBack;
use ninja_types::{Failure, FailureCode};

use crate::world::{World, chain, done};

#[tokio::test]
async fn of_two_workers_one_gets_the_job() {
    let world = World::new().await;
    let (one, two) = (world.worker(&[]).await, world.worker(&[]).await);
    let job = world.create(chain(1)).await.pushes[0].job;
    let (first, second) = tokio::join!(world.claim(job, one), world.claim(job, two));
    assert_ne!(first.is_some(), second.is_some(), "{first:?} {second:?}");
}

#[tokio::test]
async fn a_lost_worker_claims_nothing() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let job = world.create(chain(1)).await.pushes[0].job;
    world.execute("UPDATE workers SET lease_until = now() - interval '1 s'").await;
    assert_eq!(world.claim(job, worker).await, None);
}

#[tokio::test]
async fn a_worker_claims_only_what_it_provides() {
    let world = World::new().await;
    let (bare, python) = (world.worker(&[]).await, world.worker(&["python"]).await);
    let mut steps = chain(1);
    steps[0].requires = vec!["python".into()];
    let job = world.create(steps).await.pushes[0].job;
    assert_eq!(world.claim(job, bare).await, None);
    assert!(world.claim(job, python).await.is_some());
}

#[tokio::test]
async fn a_job_of_a_task_that_does_not_run_is_held() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    world.execute("UPDATE tasks SET status = 'running'; UPDATE tasks SET status = 'paused'").await;
    assert_eq!(world.claim(created.pushes[0].job, worker).await, None);
    let held = "SELECT (not_before = 'infinity' AND enqueued_at IS NULL)::text FROM jobs";
    assert_eq!(world.ask(held).await, "true");
}

#[tokio::test]
async fn a_job_given_back_is_not_charged_and_due_at_once() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let settled = ninja_db::jobs::give_back(&mut world.conn().await, &lease, GiveBack::Drain)
        .await
        .expect("given back");
    assert_eq!(settled.pushes.len(), 1);
    assert_eq!(world.steps(created.task.id).await, "1 ready");
    let again = world.claim(lease.job, worker).await.expect("a second lease");
    assert_eq!((again.attempt, again.epoch), (1, 2));
}

#[tokio::test]
async fn a_failing_job_waits_then_is_parked_when_its_attempts_are_used_up() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let job = created.pushes[0].job;
    let failure = Failure::new(FailureCode::Internal, "It did not work.");
    for attempt in 1..=5 {
        world.execute("UPDATE jobs SET not_before = now(), enqueued_at = now()").await;
        let lease = world.claim(job, worker).await.expect("a lease");
        assert_eq!(lease.attempt, attempt);
        let later = Duration::from_mins(1);
        ninja_db::jobs::retry(&mut world.conn().await, &lease, &failure, later)
            .await
            .expect("settled");
    }
    assert_eq!(world.status(created.task.id).await, "failed");
    assert_eq!(world.steps(created.task.id).await, "1 failed, 2 skipped");
    assert_eq!(world.ask("SELECT state FROM jobs").await, "dead");
    assert!(world.events(created.task.id).await.ends_with("step.failed step.skipped task.failed"));
}

#[tokio::test]
async fn a_fenced_lease_writes_nothing() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.execute("UPDATE jobs SET epoch = epoch + 1").await;
    let before = world.events(created.task.id).await;
    let mut conn = world.conn().await;
    let finish = ninja_db::steps::finish(&mut conn, &lease, &done(), None).await;
    assert!(matches!(finish, Err(DbError::Fenced)), "{finish:?}");
    let back = ninja_db::jobs::give_back(&mut conn, &lease, GiveBack::Drain).await;
    assert!(matches!(back, Err(DbError::Fenced)), "{back:?}");
    let stop = ninja_db::steps::stop(&mut conn, &lease).await;
    assert!(matches!(stop, Err(DbError::Fenced)), "{stop:?}");
    assert_eq!(world.events(created.task.id).await, before);
}
