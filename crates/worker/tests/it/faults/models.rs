use std::time::{Duration, Instant};

use ninja_testkit::model_server::{Fault, ModelServer, Reply, Rule};
use ninja_testkit::{Setup, TestApp};
use ninja_types::ProviderKind;
use serde_json::{Value, json};

use crate::fleet::{at_work, column, eventually, nothing_was_repeated, number, size};

/// An installation whose only models are those of `server`.
pub(crate) fn with_models(server: &ModelServer) -> Setup {
    TestApp::with()
        .set("NINJA_PROVIDERS__OPENAI_API_KEY", "sk-scripted-000000000000")
        .set("NINJA_PROVIDERS__OPENAI_BASE_URL", &server.url(ProviderKind::OpenAi))
        .set("NINJA_LLM__MODELS__SMALL", "openai/gpt-5.4-mini")
        .set("NINJA_LLM__OLLAMA__DISCOVER", "false")
}

pub(crate) fn calls(count: u32) -> Value {
    json!({ "steps": 1, "model_calls": count })
}

const ANSWERS: &str = "SELECT result ->> 'answers' FROM steps ORDER BY task_id";

#[tokio::test]
async fn no_stored_answer_is_bought_again_while_workers_are_killed() {
    let kills = size(4, 20);
    let server = ModelServer::start().await;
    server.always(Reply::echo().first_byte_after(Duration::from_millis(80)));
    let mut app = with_models(&server).workers(2).start().await;
    let alice = app.user("alice").await;
    let unharmed = alice.create_drill(calls(10)).await;
    alice.wait_task(&unharmed, "completed").await;
    for round in 0..kills {
        let before = server.ledger().len();
        let task = alice.create_drill(calls(10)).await;
        // Somewhere within the ten calls, another place each time.
        server.received(before + 1 + (round * 7 + 3) % 9).await;
        let victim = at_work(&mut app, 2).await;
        app.worker(victim).sigkill();
        app.worker(victim).start_again().await;
        alice.wait_task(&task, "completed").await;
    }
    let answers = column(&app, ANSWERS).await;
    assert_eq!(answers.len(), kills + 1);
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
    let bought = server.ledger();
    assert!(bought.len() <= 10 * (kills + 1) + kills, "{} calls", bought.len());
    app.database().invariants_with(&bought).await;
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_call_whose_worker_died_is_bought_again_and_both_are_paid() {
    let server = ModelServer::start().await;
    server.reply(Reply::text("never heard").fault(Fault::SilentAfter(1)));
    server.always(Reply::text("heard"));
    let mut app = with_models(&server).start().await;
    let alice = app.user("alice").await;
    let task = alice.create_drill(calls(2)).await;
    server.received(1).await;
    let reserved = number(&app, "SELECT reserved FROM user_days").await;
    assert!(reserved > 0, "{reserved}");
    app.worker(0).sigkill();
    app.worker(0).start_again().await;
    let done = alice.wait_task(&task, "completed").await;
    assert_eq!(done["usage"]["estimated"], true);
    assert!(number(&app, "SELECT spent FROM user_days").await > reserved);
    let asked: Vec<u32> =
        server.ledger().iter().filter_map(|it| it.call()).map(|it| it.1).collect();
    assert_eq!(asked, [1, 1, 2]);
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_cancelled_task_stops_its_model_within_two_seconds() {
    let server = ModelServer::start().await;
    server.always(Reply::text("a long story").fault(Fault::SilentAfter(1)));
    let app = with_models(&server)
        .set("NINJA_WORKER__RENEW_SECONDS", "20") // the signal, not the heartbeat
        .set("NINJA_WORKER__LEASE_SECONDS", "60");
    let app = app.start().await;
    let alice = app.user("alice").await;
    let task = alice.create_drill(calls(1)).await;
    server.received(1).await;
    let asked = Instant::now();
    alice.post_empty(&format!("/api/v1/tasks/{task}/cancel")).await;
    let ended = server.ended(1).await;
    assert!(ended.left_early && asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    alice.wait_task(&task, "cancelled").await;
    assert_eq!(number(&app, "SELECT sum(reserved)::bigint FROM user_days").await, 0);
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn a_provider_that_is_overloaded_costs_no_attempt() {
    let server = ModelServer::start().await;
    server.rule(Rule::any(Reply::error(429).retry_after("9")).times(1));
    server.always(Reply::echo());
    let app = with_models(&server).set("NINJA_LLM__WAIT_IN_CALL_SECONDS", "0").start().await;
    let alice = app.user("alice").await;
    let task = alice.create_drill(calls(1)).await;
    eventually("it is handed back", async || {
        number(&app, "SELECT count(*) FROM jobs WHERE hand_backs = 1 AND attempt = 0").await == 1
    })
    .await;
    app.invariants().await;
    alice.wait_task(&task, "completed").await;
    nothing_was_repeated(&app).await;
}
