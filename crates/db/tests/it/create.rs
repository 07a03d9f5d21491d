use ninja_db::DbError;
use ninja_db::idempotency::{Answer, Once, Outcome};
use ninja_db::tasks::{NewTask, TaskRow};
use ninja_types::{ArtifactId, FileId, Priority};
use serde_json::json;
use std::time::Duration;

use crate::world::{World, chain, step};

#[tokio::test]
async fn a_created_task_has_its_steps_events_and_first_jobs() {
    let world = World::new().await;
    world.worker(&[]).await;
    let created = world.create(chain(3)).await;
    assert_eq!(world.steps(created.task.id).await, "1 ready, 2 pending, 3 pending");
    assert_eq!(world.events(created.task.id).await, "task.created plan.created step.ready");
    assert_eq!(created.notice.seq, 3);
    assert_eq!(created.pushes.len(), 1, "one step is ready, one slot is free");
}

#[tokio::test]
async fn a_full_day_refuses_a_task_and_leaves_nothing_behind() {
    let world = World::new().await;
    let mut new = world.task(Priority::Normal, chain(1));
    new.tasks_per_day = 1;
    ninja_db::tasks::create(&mut world.conn().await, &new, None).await.expect("the first");
    new.id = ninja_types::TaskId::new();
    let refused = ninja_db::tasks::create(&mut world.conn().await, &new, None).await;
    assert!(matches!(refused, Err(DbError::QuotaExceeded)), "{refused:?}");
    assert_eq!(world.ask("SELECT count(*)::text FROM tasks").await, "1");
}

#[tokio::test]
async fn a_task_with_an_unknown_file_is_refused_by_its_id() {
    let world = World::new().await;
    let mut new = world.task(Priority::Normal, chain(1));
    let unknown = FileId::new();
    new.files = vec![unknown];
    let refused = ninja_db::tasks::create(&mut world.conn().await, &new, None).await;
    assert!(matches!(refused, Err(DbError::UnknownFiles(ids)) if ids == [unknown]));
    assert_eq!(world.ask("SELECT count(*)::text FROM user_days").await, "0", "not counted");
}

#[tokio::test]
async fn an_artifact_of_an_earlier_task_is_given_to_a_later_one_and_outlives_the_earlier() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let earlier = world.create(chain(1)).await;
    let lease = world.claim(earlier.pushes[0].job, worker).await.expect("a lease");
    let made = ninja_db::steps::NewArtifact {
        id: ArtifactId::new(),
        main: false,
        path: "d/t.csv".into(),
        size: 3,
        content_type: "text/csv".into(),
        sha256: "b".repeat(64),
    };
    let artifact = made.id;
    let done = ninja_db::steps::StepDone { artifacts: vec![made], ..crate::world::done() };
    ninja_db::steps::finish(&mut world.conn().await, &lease, &done, None).await.expect("finished");
    let mut later = world.task(Priority::Normal, chain(1));
    later.artifacts = vec![artifact];
    let unknown = ArtifactId::new();
    let wrong = NewTask { artifacts: vec![artifact, unknown], ..later.clone() };
    let refused = ninja_db::tasks::create(&mut world.conn().await, &wrong, None).await;
    assert!(matches!(refused, Err(DbError::UnknownArtifacts(ids)) if ids == [unknown]));
    ninja_db::tasks::create(&mut world.conn().await, &later, None).await.expect("created");
    world.ask("WITH gone AS (DELETE FROM tasks WHERE status = 'completed' RETURNING 1) SELECT count(*)::text FROM gone").await;
    let lease = world.claim(world.job_of(later.id, 1).await, worker).await.expect("a lease");
    let work = ninja_db::steps::load(&mut world.conn().await, &lease).await.expect("loaded");
    let given = &work.artifacts[0];
    assert_eq!((given.id, &given.step_key, &*given.path), (artifact, &None, "d/t.csv"));
    let hashes = ["b".repeat(64), "c".repeat(64)];
    let named = ninja_db::files::named(&mut world.conn().await, &hashes).await.expect("asked");
    assert_eq!(named, hashes[..1], "its bytes stay");
}

#[tokio::test]
async fn twins_with_one_key_make_one_task() {
    let world = World::new().await;
    let once = |body: u8| Once::<TaskRow> {
        user: world.user,
        method: "POST".into(),
        path: "/api/v1/tasks".into(),
        key: "k".into(),
        fingerprint: [body; 32],
        keep: Duration::from_hours(24),
        answer: |task| Answer { status: 201, location: None, body: json!({ "id": task.id }) },
    };
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (mut conn, once) = (world.conn().await, once(1));
        let new = world.task(Priority::Normal, vec![step("a", &[])]);
        racing.spawn(async move { ninja_db::tasks::create(&mut conn, &new, Some(&once)).await });
    }
    let outcomes = racing.join_all().await;
    let done = outcomes.iter().filter(|it| matches!(it, Ok(Outcome::Done(_)))).count();
    let replayed = outcomes.iter().filter(|it| matches!(it, Ok(Outcome::Replayed(_)))).count();
    assert_eq!((done, replayed), (1, 7), "{outcomes:?}");
    assert_eq!(world.ask("SELECT count(*)::text FROM tasks").await, "1");
    let other = world.task(Priority::Normal, chain(1));
    let reused = ninja_db::tasks::create(&mut world.conn().await, &other, Some(&once(2))).await;
    assert!(matches!(reused, Err(DbError::KeyReused)), "{reused:?}");
}
