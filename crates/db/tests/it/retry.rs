use ninja_db::Owner;
use ninja_db::calls;
use ninja_db::steps::{NewArtifact, StepDone};
use ninja_db::tasks::{self, Changed, NewRetry, Retried};
use ninja_types::{ArtifactId, Failure, FailureCode, TaskId, TaskStatus, Usage};

use crate::journal::{answer, call};
use crate::world::{SLOTS, TERMS, World, chain, done, step};

impl World {
    async fn retried(&self, source: TaskId, from_step: Option<i32>) -> Retried {
        let budget = self.task(ninja_types::Priority::Normal, vec![]).budget;
        let new = NewRetry {
            id: TaskId::new(),
            from_step,
            model: None,
            budget,
            slots: SLOTS,
            tasks_per_day: 500,
        };
        let owner = Owner::User(self.user);
        let retried = tasks::retry(&mut self.conn().await, owner, source, &new, None).await;
        retried.expect("asked").expect("it is there")
    }

    async fn retry(&self, source: TaskId, from_step: Option<i32>) -> Changed {
        match self.retried(source, from_step).await {
            Retried::Done(changed) => *changed,
            other => panic!("{other:?}"),
        }
    }

    /// A chain of three: the first completed after a call and made a file, the second failed.
    async fn failed(&self) -> TaskId {
        let worker = self.worker(&[]).await;
        let created = self.create(chain(3)).await;
        let lease = self.claim(created.pushes[0].job, worker).await.expect("a lease");
        let mut conn = self.conn().await;
        calls::intend(&mut conn, &lease, &call(1), &TERMS).await.expect("intended");
        calls::finish(&mut conn, &lease, 1, &answer()).await.expect("answered");
        let made = NewArtifact {
            id: ArtifactId::new(),
            main: true,
            path: "a.txt".into(),
            size: 1,
            content_type: "text/plain".into(),
            sha256: "0".repeat(64),
        };
        let usage = Usage { tool_calls: 1, ..Usage::default() };
        let output = serde_json::json!({ "file": made.id });
        let done = StepDone { artifacts: vec![made], usage, output, ..done() };
        let settled = ninja_db::steps::finish(&mut conn, &lease, &done, None).await.expect("done");
        let lease = self.claim(settled.pushes[0].job, worker).await.expect("a lease");
        let failure = Failure::new(FailureCode::Internal, "It did not work.");
        ninja_db::steps::fail(&mut conn, &lease, &failure).await.expect("failed");
        created.task.id
    }
}

#[tokio::test]
async fn a_retry_takes_over_what_was_done_at_no_cost_and_says_so() {
    let world = World::new().await;
    let source = world.failed().await;
    let made = world.retry(source, None).await;
    let task = made.task.id;
    assert_eq!(made.task.retry_of, Some(source.0));
    assert_eq!(made.task.status, TaskStatus::Pending);
    assert_eq!((made.task.usage.0, made.task.plan.0.progress()), (Usage::default(), 33));
    assert_eq!(world.steps(task).await, "1 completed, 2 ready, 3 pending");
    assert_eq!(made.pushes.len(), 1);
    assert_eq!(
        world.events(task).await,
        "task.created plan.created artifact.created step.completed task.progress step.ready"
    );
    let from = format!(
        "SELECT (e.data ->> 'taken_over_from' = s.id::text)::text FROM task_events e, steps s
          WHERE e.task_id = '{task}' AND e.type = 'step.completed' AND s.task_id = '{source}' AND s.step_number = 1"
    );
    assert_eq!(world.ask(&from).await, "true");
    let copies =
        "SELECT string_agg(DISTINCT sha256, ',') || ' ' || count(DISTINCT id) FROM artifacts";
    assert_eq!(world.ask(copies).await, format!("{} 2", "0".repeat(64)));
    let named = format!(
        "SELECT (s.result ->> 'file' = a.id::text AND a.is_main)::text FROM steps s JOIN artifacts a ON a.step_id = s.id
          WHERE s.task_id = '{task}'"
    );
    assert_eq!(world.ask(&named).await, "true", "a result names the artifact of its own task");
    let calls = format!(
        "SELECT count(*) || ' ' || sum(cost) FROM step_calls c JOIN steps s ON s.id = c.step_id WHERE s.task_id = '{task}'"
    );
    assert_eq!(world.ask(&calls).await, "1 0");
    assert_eq!(world.ask("SELECT sum(tasks)::text FROM user_days").await, "2", "it counts");
    let worker = world.worker(&[]).await;
    let lease = world.claim(made.pushes[0].job, worker).await.expect("a lease");
    let work = ninja_db::steps::load(&mut world.conn().await, &lease).await.expect("loaded");
    assert_eq!((work.inputs.len(), work.artifacts.len()), (1, 1), "it has what came before");
    let next = world.finish(&lease).await.pushes[0].job;
    let lease = world.claim(next, worker).await.expect("a lease");
    assert_eq!(world.finish(&lease).await.closed, Some(TaskStatus::Completed));
    assert_eq!(world.status(source).await, "failed", "the old one stays what it is");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_retry_begins_with_a_step_that_exists_and_can_be_reached() {
    let world = World::new().await;
    let source = world.failed().await;
    for from in [4, 3] {
        let refused = world.retried(source, Some(from)).await;
        assert!(matches!(refused, Retried::Unreachable(_)), "{from}: {refused:?}");
    }
    let all_over = world.retry(source, Some(1)).await;
    assert_eq!(world.steps(all_over.task.id).await, "1 ready, 2 pending, 3 pending");
    let refused = world.retried(all_over.task.id, None).await;
    assert!(matches!(refused, Retried::Refused(TaskStatus::Pending)), "{refused:?}");
    assert_eq!(
        world.ask("SELECT sum(tasks)::text FROM user_days").await,
        "2",
        "refusals cost none"
    );
    world.database.invariants().await;
}

#[tokio::test]
async fn what_builds_on_a_step_that_is_done_again_is_done_again() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    // Step 1 depends on step 2, as a plan may say; step 3 hangs on neither.
    let created =
        world.create(vec![step("late", &[1]), step("early", &[]), step("other", &[])]).await;
    let task = created.task.id;
    for number in [2, 1] {
        let lease = world.claim(world.job_of(task, number).await, worker).await.expect("a lease");
        world.finish(&lease).await;
    }
    let owner = Owner::User(world.user);
    tasks::cancel(&mut world.conn().await, owner, task, world.user).await.expect("cancelled");
    let from_two = world.retry(task, Some(2)).await;
    assert_eq!(world.steps(from_two.task.id).await, "1 pending, 2 ready, 3 ready");
    let all = world.retry(task, None).await;
    assert_eq!(world.steps(all.task.id).await, "1 completed, 2 completed, 3 ready");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_retry_of_a_task_that_was_cancelled_as_its_last_step_ended_completes() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let owner = Owner::User(world.user);
    tasks::cancel(&mut world.conn().await, owner, created.task.id, world.user)
        .await
        .expect("asked");
    assert_eq!(world.finish(&lease).await.closed, Some(TaskStatus::Cancelled));
    let made = world.retry(created.task.id, None).await;
    assert_eq!(made.task.status, TaskStatus::Completed);
    assert!(world.events(made.task.id).await.ends_with("task.started task.completed"));
    world.database.invariants().await;
}

#[tokio::test]
async fn a_full_day_refuses_a_retry_too() {
    let world = World::new().await;
    let source = world.failed().await;
    world.execute("UPDATE user_days SET tasks = 500").await;
    let budget = world.task(ninja_types::Priority::Normal, vec![]).budget;
    let new = NewRetry {
        id: TaskId::new(),
        from_step: None,
        model: None,
        budget,
        slots: SLOTS,
        tasks_per_day: 500,
    };
    let owner = Owner::User(world.user);
    let refused = tasks::retry(&mut world.conn().await, owner, source, &new, None).await;
    assert!(matches!(refused, Err(ninja_db::DbError::QuotaExceeded)), "{refused:?}");
}
