use std::time::Duration;

use ninja_db::Owner;
use ninja_db::tasks::{Cancel, cancel};
use ninja_types::{TaskStatus, UserId};

use crate::world::{World, chain};

#[tokio::test]
async fn a_task_that_nobody_works_at_is_cancelled_at_once() {
    let world = World::new().await;
    let created = world.create(chain(2)).await;
    let owner = Owner::User(world.user);
    let answer =
        cancel(&mut world.conn().await, owner, created.task.id, world.user).await.expect("asked");
    assert!(matches!(answer, Some(Cancel::Ended(_, Some(_)))), "{answer:?}");
    assert_eq!(world.steps(created.task.id).await, "1 cancelled, 2 cancelled");
    let again =
        cancel(&mut world.conn().await, owner, created.task.id, world.user).await.expect("asked");
    assert!(matches!(again, Some(Cancel::Ended(_, None))), "the same answer: {again:?}");
}

#[tokio::test]
async fn a_running_task_is_cancelling_until_its_worker_lets_go() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let owner = Owner::User(world.user);
    let answer =
        cancel(&mut world.conn().await, owner, created.task.id, world.user).await.expect("asked");
    assert!(matches!(answer, Some(Cancel::UnderWay(_, Some(_)))), "{answer:?}");
    assert_eq!(world.steps(created.task.id).await, "1 running, 2 cancelled");
    let settled = ninja_db::steps::stop(&mut world.conn().await, &lease).await.expect("stopped");
    assert_eq!(settled.closed, Some(TaskStatus::Cancelled));
    assert!(
        world
            .events(created.task.id)
            .await
            .ends_with("task.cancelling step.cancelled step.cancelled task.cancelled")
    );
}

#[tokio::test]
async fn a_step_that_finishes_while_its_task_is_cancelled_keeps_its_result() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    cancel(&mut world.conn().await, Owner::User(world.user), created.task.id, world.user)
        .await
        .expect("asked");
    assert_eq!(world.finish(&lease).await.closed, Some(TaskStatus::Cancelled));
    assert_eq!(world.steps(created.task.id).await, "1 completed, 2 cancelled");
}

#[tokio::test]
async fn a_cancel_that_no_worker_answers_is_ended_by_the_sweeper() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    cancel(&mut world.conn().await, Owner::User(world.user), created.task.id, world.user)
        .await
        .expect("asked");
    let mut conn = world.conn().await;
    let patience = Duration::from_secs(30);
    assert_eq!(ninja_db::sweep::end_cancelling(&mut conn, patience).await.expect("swept"), []);
    world.execute("UPDATE tasks SET cancelling_at = now() - interval '31 s'").await;
    assert_eq!(ninja_db::sweep::end_cancelling(&mut conn, patience).await.expect("swept").len(), 1);
    assert_eq!(world.status(created.task.id).await, "cancelled");
    let late = ninja_db::steps::stop(&mut conn, &lease).await;
    assert!(matches!(late, Err(ninja_db::DbError::Fenced)), "{late:?}");
}

#[tokio::test]
async fn an_ended_task_and_a_strangers_task_are_not_cancelled() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let stranger = UserId::new();
    let answer = cancel(&mut world.conn().await, Owner::User(stranger), created.task.id, stranger)
        .await
        .expect("asked");
    assert!(answer.is_none(), "{answer:?}");
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.finish(&lease).await;
    let answer = cancel(&mut world.conn().await, Owner::Anyone, created.task.id, stranger)
        .await
        .expect("asked");
    assert!(matches!(answer, Some(Cancel::Refused(TaskStatus::Completed))), "{answer:?}");
}
