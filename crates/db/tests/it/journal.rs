use std::time::Duration;

use ninja_db::calls::{self, CallAnswer, NewCall};
use ninja_types::{CallKind, CallState, Effect, Usage};
use serde_json::json;

use crate::world::{TERMS, World, chain};

pub(crate) fn call(call_no: i32) -> NewCall {
    NewCall {
        call_no,
        kind: CallKind::Tool,
        name: "run_code".into(),
        effect: Effect::Pure,
        request_hash: [7; 32],
        request: json!({ "language": "python" }),
        reserve: None,
    }
}

pub(crate) fn answer() -> CallAnswer {
    CallAnswer {
        response: Ok(json!({ "exit_code": 0 })),
        usage: Usage::default(),
        duration: Duration::from_millis(5),
        model: None,
    }
}

#[tokio::test]
async fn a_stored_answer_is_there_for_the_next_attempt() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let mut conn = world.conn().await;
    calls::intend(&mut conn, &lease, &call(1), &TERMS).await.expect("intended");
    calls::finish(&mut conn, &lease, 1, &answer()).await.expect("answered");
    calls::intend(&mut conn, &lease, &call(2), &TERMS).await.expect("intended");
    let work = ninja_db::steps::load(&mut conn, &lease).await.expect("loaded");
    let seen: Vec<_> =
        work.calls.iter().map(|call| (call.call_no, call.state, call.response.is_some())).collect();
    assert_eq!(seen, [(1, CallState::Done, true), (2, CallState::Intended, false)]);
}

#[tokio::test]
async fn an_intent_twice_is_refused_and_an_answer_without_intent_too() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let mut conn = world.conn().await;
    assert!(calls::finish(&mut conn, &lease, 1, &answer()).await.is_err());
    calls::intend(&mut conn, &lease, &call(1), &TERMS).await.expect("intended");
    let twice = calls::intend(&mut conn, &lease, &call(1), &TERMS).await;
    assert!(matches!(twice, Err(ninja_db::DbError::Unique { .. })), "{twice:?}");
}

#[tokio::test]
async fn a_history_left_behind_is_superseded_and_told() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let created = world.create(chain(1)).await;
    let lease = world.claim(created.pushes[0].job, worker).await.expect("a lease");
    let mut conn = world.conn().await;
    for no in 1..=3 {
        calls::record(&mut conn, &lease, &call(no), &answer()).await.expect("recorded");
    }
    calls::supersede(&mut conn, &lease, 2).await.expect("superseded");
    calls::record(&mut conn, &lease, &call(2), &answer()).await.expect("recorded anew");
    let work = ninja_db::steps::load(&mut conn, &lease).await.expect("loaded");
    assert_eq!(work.calls.iter().map(|call| call.call_no).collect::<Vec<_>>(), [1, 2]);
    assert!(world.events(created.task.id).await.contains("step.diverged"));
}
