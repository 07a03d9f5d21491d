use ninja_db::calls::{self, Begun};
use ninja_db::jobs::GiveBack;
use ninja_db::tasks::{self, Cancel, Steered};
use ninja_db::{Owner, sweep};
use ninja_types::{TaskId, TaskStatus};

use crate::journal::call;
use crate::world::{SLOTS, TERMS, World, chain, step};

impl World {
    pub(crate) async fn pause(&self, task: TaskId) -> Steered {
        let owner = Owner::User(self.user);
        let paused = tasks::pause(&mut self.conn().await, owner, task, self.user, &SLOTS).await;
        paused.expect("asked").expect("it is there")
    }

    pub(crate) async fn resume(&self, task: TaskId) -> Steered {
        let owner = Owner::User(self.user);
        let resumed = tasks::resume(&mut self.conn().await, owner, task, &SLOTS).await;
        resumed.expect("asked").expect("it is there")
    }
}

/// `ready held`, by the step's number.
async fn job(world: &World, step: i32) -> String {
    let sql = format!(
        "SELECT concat_ws(' ', j.state, CASE WHEN not_before = 'infinity' THEN 'held' END, 'attempt ' || j.attempt)
           FROM jobs j JOIN steps s ON s.id = j.subject_id WHERE s.step_number = {step}"
    );
    world.ask(&sql).await
}

#[tokio::test]
async fn a_paused_task_begins_no_call_and_its_step_is_handed_back_uncharged() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let task = created.task.id;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let paused = world.pause(task).await;
    assert!(matches!(&paused, Steered::Done(it) if it.task.status == TaskStatus::Paused));
    let mut conn = world.conn().await;
    let begun = calls::intend(&mut conn, &lease, &call(1), &TERMS).await.expect("decided");
    assert!(matches!(begun, Begun::Over(_)), "{begun:?}");
    assert_eq!(world.steps(task).await, "1 ready, 2 pending");
    assert_eq!(job(&world, 1).await, "ready held attempt 0");
    assert_eq!(world.claim(lease.job, worker).await, None);
    world.database.invariants().await;
    let Steered::Done(resumed) = world.resume(task).await else { panic!("not resumed") };
    assert_eq!(resumed.pushes.len(), 1);
    let again = world.claim(lease.job, worker).await.expect("a second lease");
    assert_eq!((again.attempt, again.epoch), (1, 2));
    let events = world.events(task).await;
    assert!(
        events.ends_with("step.started task.paused step.retried task.resumed step.started"),
        "{events}"
    );
    world.database.invariants().await;
}

#[tokio::test]
async fn a_step_may_complete_while_its_task_is_paused_and_the_next_is_held() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let task = created.task.id;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.pause(task).await;
    let settled = world.finish(&lease).await;
    assert_eq!((settled.pushes.len(), settled.closed), (0, None));
    assert_eq!(world.steps(task).await, "1 completed, 2 ready");
    assert_eq!(job(&world, 2).await, "ready held attempt 0");
    world.resume(task).await;
    let next = world.job_of(task, 2).await;
    let lease = world.claim(next, worker).await.expect("a lease");
    world.pause(task).await;
    assert_eq!(world.finish(&lease).await.closed, Some(TaskStatus::Completed), "while paused");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_pause_that_was_taken_back_before_the_worker_noticed_leaves_no_job_held() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.pause(created.task.id).await;
    world.resume(created.task.id).await;
    let mut conn = world.conn().await;
    let back = ninja_db::jobs::give_back(&mut conn, &lease, GiveBack::Pause).await;
    assert_eq!(back.expect("given back").pushes.len(), 1);
    assert_eq!(job(&world, 1).await, "ready attempt 0");
    assert!(world.claim(lease.job, worker).await.is_some());
    world.database.invariants().await;
}

#[tokio::test]
async fn a_paused_step_of_a_dead_worker_is_taken_over_and_held() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.pause(created.task.id).await;
    world.execute("UPDATE workers SET lease_until = now() - interval '1 s'").await;
    let mut conn = world.conn().await;
    sweep::mark_lost(&mut conn).await.expect("marked");
    for expired in sweep::expired(&mut conn, 10).await.expect("found") {
        sweep::take_over(&mut conn, &expired, 3).await.expect("taken over");
    }
    assert_eq!(job(&world, 1).await, "ready held attempt 1");
    assert_eq!(world.status(created.task.id).await, "paused");
    world.database.invariants().await;
}

#[tokio::test]
async fn of_two_pauses_at_once_one_is_refused_and_of_two_cancels_none() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(vec![step("a", &[]), step("b", &[])]).await;
    let task = created.task.id;
    world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let (one, two) = tokio::join!(world.pause(task), world.pause(task));
    let done = |it: &Steered| matches!(it, Steered::Done(_));
    assert_ne!(done(&one), done(&two), "{one:?} {two:?}");
    let cancel = async || {
        let owner = Owner::User(world.user);
        let wish = tasks::cancel(&mut world.conn().await, owner, task, world.user).await;
        wish.expect("asked").expect("it is there")
    };
    let (one, two) = tokio::join!(cancel(), cancel());
    let told = |it: &Cancel| matches!(it, Cancel::UnderWay(_, Some(_)));
    assert_ne!(told(&one), told(&two), "{one:?} {two:?}");
    assert!(world.events(task).await.ends_with("task.paused task.cancelling step.cancelled"));
    world.database.invariants().await;
}
