use ninja_db::idempotency::Outcome;
use ninja_db::steps::{NewArtifact, Shortcut, StepDone};
use ninja_types::{Failure, FailureCode, NotDone, Pool, TaskStatus};
use serde_json::Value;

use crate::world::{LIMIT, World, chain, done, step};

#[tokio::test]
async fn a_chain_runs_to_completion_with_gapless_events() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let settled = world.finish(&lease).await;
    let lease = world.claim(settled.pushes[0].job, worker).await.expect("the next");
    let settled = world.finish(&lease).await;
    assert_eq!(settled.closed, Some(TaskStatus::Completed));
    assert_eq!(
        world.events(created.task.id).await,
        "task.created plan.created step.ready task.started step.started step.completed step.ready task.progress \
         step.started step.completed task.completed"
    );
    let seqs = "SELECT (count(*) = max(seq) AND min(seq) = 1 AND max(seq) = (SELECT last_seq FROM tasks))::text FROM task_events";
    assert_eq!(world.ask(seqs).await, "true");
}

#[tokio::test]
async fn a_finish_with_a_shortcut_claims_the_successor_in_the_same_transaction() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let how = Shortcut { worker, pools: Pool::ALL.to_vec(), limit: LIMIT };
    let settled = ninja_db::steps::finish(&mut world.conn().await, &lease, &done(), Some(&how))
        .await
        .expect("finished");
    let next = settled.next.expect("claimed");
    assert!(settled.pushes.is_empty() && !settled.freed);
    assert_eq!(world.steps(created.task.id).await, "1 completed, 2 running");
    assert_eq!(world.finish(&next).await.closed, Some(TaskStatus::Completed));
}

#[tokio::test]
async fn two_siblings_that_finish_at_once_open_their_successor_once() {
    let world = World::new().await;
    let (one, two) = (world.worker(&[]).await, world.worker(&[]).await);
    for _ in 0..20 {
        let created = world.create(vec![step("a", &[]), step("b", &[]), step("c", &[0, 1])]).await;
        let task = created.task.id;
        let a = world.claim(world.job_of(task, 1).await, one).await.expect("a");
        let b = world.claim(world.job_of(task, 2).await, two).await.expect("b");
        let (first, second) = tokio::join!(world.finish(&a), world.finish(&b));
        assert_eq!(first.pushes.len() + second.pushes.len(), 1);
        assert_eq!(world.steps(task).await, "1 completed, 2 completed, 3 ready");
        let c = world.claim(world.job_of(task, 3).await, one).await.expect("c");
        world.finish(&c).await;
    }
}

#[tokio::test]
async fn artifacts_are_stored_with_the_step_and_the_first_is_the_main_one() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let file = |path: &str| NewArtifact {
        id: ninja_types::ArtifactId::new(),
        main: false,
        path: path.into(),
        size: 3,
        content_type: "text/plain".into(),
        sha256: "a".repeat(64),
    };
    let mut made = done();
    made.artifacts = vec![file("b.txt"), file("a.txt")];
    ninja_db::steps::finish(&mut world.conn().await, &lease, &made, None).await.expect("finished");
    let main = "SELECT path FROM artifacts WHERE id = (SELECT (result ->> 'main_artifact_id')::uuid FROM tasks)";
    assert_eq!(world.ask(main).await, "a.txt");
    assert_eq!(world.ask("SELECT result ->> 'artifact_count' FROM tasks").await, "2");
}

#[tokio::test]
async fn the_artifact_that_its_step_calls_the_main_one_is_the_main_one() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(2)).await;
    let file = |path: &str, main: bool| NewArtifact {
        id: ninja_types::ArtifactId::new(),
        main,
        path: path.into(),
        size: 3,
        content_type: "text/plain".into(),
        sha256: "a".repeat(64),
    };
    let mut job = created.pushes[0].job;
    for made in [vec![file("a.txt", false), file("b.txt", true)], vec![file("c.txt", false)]] {
        let lease = world.claim(job, worker).await.expect("a lease");
        let done = StepDone { artifacts: made, ..done() };
        let settled = ninja_db::steps::finish(&mut world.conn().await, &lease, &done, None).await;
        job = settled.expect("finished").pushes.first().map_or(job, |push| push.job);
    }
    let main = "SELECT path FROM artifacts WHERE id = (SELECT (result ->> 'main_artifact_id')::uuid FROM tasks)";
    assert_eq!(world.ask(main).await, "b.txt");
}

#[tokio::test]
async fn what_was_not_done_stands_in_the_result_and_first_in_its_summary() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let mut steps = vec![step("chart", &[]), step("report", &[0])];
    steps[0].required = false;
    let mut new = world.task(ninja_types::Priority::Normal, steps);
    new.plan.not_done = vec![NotDone {
        what: "question".into(),
        code: FailureCode::NoModel,
        message: "No model.".into(),
    }];
    let created = match ninja_db::tasks::create(&mut world.conn().await, &new, None).await {
        Ok(Outcome::Done(created)) => created,
        other => panic!("{other:?}"),
    };
    let chart = world.claim(created.pushes[0].job, worker).await.expect("chart");
    let failure = Failure::new(FailureCode::InputInvalid, "Nothing to draw.");
    let settled = ninja_db::steps::fail(&mut world.conn().await, &chart, &failure).await;
    let report = settled.expect("failed").pushes[0].job;
    world.finish(&world.claim(report, worker).await.expect("report")).await;
    let codes = "SELECT string_agg(it ->> 'what' || ' ' || (it ->> 'code'), ', ') \
        FROM tasks, jsonb_array_elements(result -> 'output' -> 'not_done') it";
    assert_eq!(world.ask(codes).await, "question no_model, chart input_invalid");
    let summary = world.ask("SELECT result ->> 'summary' FROM tasks").await;
    assert!(
        summary.starts_with("Not done: question (no_model), chart (input_invalid). "),
        "{summary}"
    );
}

#[tokio::test]
async fn a_required_failure_fails_the_task_and_closes_its_open_steps() {
    let world = World::new().await;
    let (one, two) = (world.worker(&[]).await, world.worker(&[]).await);
    let created =
        world.create(vec![step("a", &[]), step("b", &[]), step("c", &[0]), step("d", &[1])]).await;
    let task = created.task.id;
    let a = world.claim(world.job_of(task, 1).await, one).await.expect("a");
    let b = world.claim(world.job_of(task, 2).await, two).await.expect("b");
    let failure = Failure::new(FailureCode::ContractFailed, "2 of 9 tests fail.");
    let settled =
        ninja_db::steps::fail(&mut world.conn().await, &a, &failure).await.expect("failed");
    assert_eq!(settled.closed, Some(TaskStatus::Failed));
    assert_eq!(world.steps(task).await, "1 failed, 2 cancelled, 3 skipped, 4 cancelled");
    assert_eq!(world.ask("SELECT count(*)::text FROM jobs").await, "0");
    let late = ninja_db::steps::finish(&mut world.conn().await, &b, &done(), None).await;
    assert!(matches!(late, Err(ninja_db::DbError::Fenced)), "its owner is fenced: {late:?}");
}

#[tokio::test]
async fn an_optional_failure_lets_the_task_go_on() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let mut steps = vec![step("a", &[]), step("b", &[0])];
    steps[0].required = false;
    let created = world.create(steps).await;
    let a = world.claim(created.pushes[0].job, worker).await.expect("a");
    let failure = Failure::new(FailureCode::ContractFailed, "no chart");
    let settled =
        ninja_db::steps::fail(&mut world.conn().await, &a, &failure).await.expect("failed");
    let b = world.claim(settled.pushes[0].job, worker).await.expect("b");
    assert_eq!(world.finish(&b).await.closed, Some(TaskStatus::Completed));
    let output: Value =
        serde_json::from_str(&world.ask("SELECT (result -> 'output')::text FROM tasks").await)
            .expect("json");
    let not_done =
        serde_json::json!([{ "what": "a", "code": "contract_failed", "message": "no chart" }]);
    assert_eq!(output, serde_json::json!({ "b": { "ok": true }, "not_done": not_done }));
}
