use ninja_db::calls::{self, Begun};
use ninja_db::jobs::{Claim, ClaimAs};
use ninja_db::steps::Shortcut;
use ninja_db::tasks::{self, Raise, Raised, Steered};
use ninja_db::{Lease, Owner, sweep};
use ninja_types::{JobId, Pool, TaskId, TaskStatus, Usd, WorkerId};

use crate::journal::{answer, call};
use crate::world::{LIMIT, PATIENCE, SLOTS, TERMS, World, chain, done, step};

const OVER: &str = "UPDATE tasks SET meter = jsonb_set(meter, '{ran_ms}', '7200000')";

impl World {
    async fn raise(&self, task: TaskId, raise: Raise) -> Raised {
        let owner = Owner::User(self.user);
        let most = Usd::from_micros(5_000_000);
        let mut conn = self.conn().await;
        let raised = tasks::raise_budget(
            &mut conn,
            (owner, task),
            self.user,
            (&raise, most),
            (&SLOTS, None),
        );
        raised.await.expect("asked").expect("it is there")
    }

    async fn ends(&self, job: JobId, worker: WorkerId) {
        let ask = ClaimAs { job, worker, reading: true, limit: LIMIT, patience: PATIENCE };
        let claim = ninja_db::jobs::claim(&mut self.conn().await, &ask).await.expect("asked");
        assert!(matches!(claim, Claim::Ended(_)), "{claim:?}");
    }

    /// A chain of two of which the first is done and the second is owed.
    async fn half_done(&self, worker: WorkerId) -> (TaskId, JobId) {
        let created = self.create(chain(2)).await;
        let lease = self.claim(created.pushes[0].job, worker).await.expect("a lease");
        (created.task.id, self.finish(&lease).await.pushes[0].job)
    }
}

#[tokio::test]
async fn a_task_over_its_wall_time_waits_and_goes_on_with_a_larger_budget() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, next) = world.half_done(worker).await;
    world.execute(OVER).await;
    world.ends(next, worker).await;
    assert_eq!(
        (world.status(task).await, world.steps(task).await),
        ("waiting".into(), "1 completed, 2 waiting".into())
    );
    assert_eq!(world.ask("SELECT waiting ->> 'reason' FROM tasks").await, "budget");
    world.database.invariants().await;
    // A larger limit that is not the one which was used up changes nothing.
    let raised = world.raise(task, Raise { calls: 1, ..Raise::default() }).await;
    assert!(
        matches!(&raised, Raised::Done(it) if it.task.status == TaskStatus::Waiting),
        "{raised:?}"
    );
    let raised = world.raise(task, Raise { wall_seconds: 600, ..Raise::default() }).await;
    let Raised::Done(changed) = raised else { panic!("{raised:?}") };
    assert_eq!((changed.task.status, changed.pushes.len()), (TaskStatus::Running, 1));
    assert_eq!(changed.task.waiting, None);
    let lease = world.claim(next, worker).await.expect("a lease");
    assert_eq!(lease.attempt, 1, "what waited is not charged");
    assert_eq!(world.finish(&lease).await.closed, Some(TaskStatus::Completed));
    let events = world.events(task).await;
    let told = "budget.exhausted step.waiting task.waiting budget.changed budget.changed step.retried task.resumed \
                step.started step.completed task.completed";
    assert!(events.ends_with(told), "{events}");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_task_that_is_not_to_wait_fails_when_its_budget_is_spent() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, next) = world.half_done(worker).await;
    world.execute(OVER).await;
    world.execute("UPDATE tasks SET budget = jsonb_set(budget, '{on_exceeded}', '\"fail\"')").await;
    world.ends(next, worker).await;
    let error = "SELECT error ->> 'code' || ' ' || (error -> 'data' ->> 'limit') FROM tasks";
    assert_eq!(world.ask(error).await, "budget_exceeded max_wall_seconds");
    assert!(world.events(task).await.ends_with("budget.exhausted step.failed task.failed"));
    world.database.invariants().await;
}

#[tokio::test]
async fn the_call_that_is_one_too_many_waits_and_is_made_with_a_larger_budget() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    world.execute("UPDATE tasks SET budget = jsonb_set(budget, '{max_calls}', '1')").await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let mut conn = world.conn().await;
    let first = calls::intend(&mut conn, &lease, &call(1), &TERMS).await.expect("decided");
    assert!(matches!(first, Begun::Now(..)), "{first:?}");
    calls::finish(&mut conn, &lease, 1, &answer()).await.expect("answered");
    let second = calls::intend(&mut conn, &lease, &call(2), &TERMS).await.expect("decided");
    assert!(matches!(second, Begun::Over(_)), "{second:?}");
    assert_eq!(world.status(created.task.id).await, "waiting");
    world.raise(created.task.id, Raise { calls: 1, ..Raise::default() }).await;
    let lease = world.claim(lease.job, worker).await.expect("a lease");
    let second = calls::intend(&mut conn, &lease, &call(2), &TERMS).await.expect("decided");
    assert!(matches!(second, Begun::Now(..)), "{second:?}");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_wait_that_nobody_ends_fails_the_task() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, next) = world.half_done(worker).await;
    world.execute(OVER).await;
    world.ends(next, worker).await;
    let mut conn = world.conn().await;
    assert_eq!(sweep::end_waits(&mut conn).await.expect("swept"), []);
    world
        .execute("UPDATE steps SET wait_until = now() - interval '1 s' WHERE status = 'waiting'")
        .await;
    assert_eq!(sweep::end_waits(&mut conn).await.expect("swept").len(), 1);
    assert_eq!(world.status(task).await, "failed");
    assert_eq!(world.ask("SELECT error ->> 'code' FROM tasks").await, "budget_exceeded");
    assert_eq!(world.ask("SELECT count(*)::text FROM jobs").await, "0");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_task_that_is_resumed_with_nothing_but_waiting_steps_waits() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(vec![step("a", &[]), step("b", &[])]).await;
    let task = created.task.id;
    let (a, b) = (created.pushes[0].job, created.pushes[1].job);
    let running = world.claim(a, worker).await.expect("a lease");
    world.execute(OVER).await;
    world.ends(b, worker).await;
    assert_eq!(world.status(task).await, "running", "the other one runs");
    world.pause(task).await;
    world.finish(&running).await;
    let Steered::Done(resumed) = world.resume(task).await else { panic!("not resumed") };
    assert_eq!(resumed.task.status, TaskStatus::Waiting);
    assert!(world.events(task).await.ends_with("task.resumed task.waiting"));
    world.database.invariants().await;
    let owner = Owner::User(world.user);
    tasks::cancel(&mut world.conn().await, owner, task, world.user).await.expect("cancelled");
    assert_eq!(world.status(task).await, "cancelled");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_budget_that_is_raised_while_paused_wakes_at_the_resume() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(vec![step("a", &[]), step("b", &[])]).await;
    let task = created.task.id;
    let running = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.execute(OVER).await;
    world.ends(created.pushes[1].job, worker).await;
    world.pause(task).await;
    world.finish(&running).await;
    world.raise(task, Raise { wall_seconds: 600, ..Raise::default() }).await;
    assert_eq!(world.status(task).await, "paused");
    world.database.invariants().await;
    let Steered::Done(resumed) = world.resume(task).await else { panic!("not resumed") };
    assert_eq!((resumed.task.status, resumed.pushes.len()), (TaskStatus::Running, 1));
    world.database.invariants().await;
}

#[tokio::test]
async fn no_shortcut_leads_past_a_spent_wall_time() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let lease: Lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    world.execute(OVER).await;
    let shortcut = Shortcut { worker, pools: Pool::ALL.to_vec(), limit: LIMIT };
    let mut conn = world.conn().await;
    let finished = ninja_db::steps::finish(&mut conn, &lease, &done(), Some(&shortcut)).await;
    assert_eq!(finished.expect("finished").next, None);
    world.database.invariants().await;
}

#[tokio::test]
async fn a_budget_is_raised_no_further_than_any_task_may_have() {
    let world = World::new().await;
    let created = world.create(chain(1)).await;
    let cost = Raise { cost_usd: Usd::from_micros(4_000_001), ..Raise::default() };
    let raised = world.raise(created.task.id, cost).await;
    assert!(matches!(raised, Raised::TooMuch(..)), "{raised:?}");
    let calls = Raise { calls: 1801, ..Raise::default() };
    let raised = world.raise(created.task.id, calls).await;
    assert!(matches!(raised, Raised::TooMuch(..)), "{raised:?}");
    assert!(world.events(created.task.id).await.ends_with("step.ready"), "nothing happened");
}
