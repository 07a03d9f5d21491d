use ninja_testkit::model_server::{ModelServer, Reply, Usage};
use serde_json::json;

use super::models::{calls, with_models};
use crate::fleet::{column, eventually, nothing_was_repeated, number};

/// What one of these answers costs: 200 tokens read and 400 written of `gpt-5.4-mini`, in millionths of a dollar.
const PRICE: i64 = 150 + 1_800;

fn answer() -> Reply {
    Reply::text("on and on").usage(Usage { input: 200, output: 400, ..Usage::default() })
}

#[tokio::test]
async fn a_looping_model_is_stopped_at_the_budget_and_goes_on_at_the_same_call() {
    let server = ModelServer::start().await;
    server.always(answer());
    let app = with_models(&server).start().await;
    let alice = app.user("alice").await;
    let mut parameters = calls(12);
    parameters["agent"] = json!("noop");
    let task = alice
        .create(&json!({
            "description": "A loop", "task_type": "custom", "parameters": parameters,
            "budget": {"max_cost_usd": "0.01"},
        }))
        .await;
    let waiting = alice.wait_task(&task, "waiting").await;
    assert_eq!(waiting["budget"]["reserved_usd"], "0.000000");
    let spent = number(&app, "SELECT spent FROM user_days").await;
    let before = server.ledger().len();
    assert_eq!(spent, PRICE * i64::try_from(before).unwrap());
    assert!(spent > 5_000 && spent <= 10_000, "{spent}");
    assert_eq!(column(&app, "SELECT wait_limit FROM steps").await, ["max_cost_usd"]);
    app.invariants().await;
    let more = json!({"add_cost_usd": "0.05"});
    let raised = alice.post(&format!("/api/v1/tasks/{task}/budget"), &more).await;
    assert_eq!(raised.status, 200, "{raised}");
    alice.wait_task(&task, "completed").await;
    let asked: Vec<u32> =
        server.ledger().iter().filter_map(|it| it.call()).map(|it| it.1).collect();
    assert_eq!(asked, (1..=12).collect::<Vec<_>>(), "each call once");
    nothing_was_repeated(&app).await;
}

#[tokio::test]
async fn twenty_tasks_never_overdraw_the_day_of_their_user() {
    let server = ModelServer::start().await;
    server.always(answer());
    let app = with_models(&server)
        .workers(2)
        .set("NINJA_LIMITS__USER__DAY_COST_USD", "0.05")
        .set("NINJA_LIMITS__USER__CONCURRENT_STEPS", "20")
        .start()
        .await;
    let alice = app.user("alice").await;
    for _ in 0..20 {
        alice.create_drill(calls(2)).await;
    }
    eventually("nothing is left to be done today", async || {
        let busy = "SELECT count(*) FROM tasks WHERE status NOT IN ('completed', 'waiting') OR reserved > 0";
        number(&app, busy).await == 0
    })
    .await;
    let spent = number(&app, "SELECT spent + reserved FROM user_days").await;
    assert!(spent <= 50_000 && spent > 50_000 - 2 * PRICE, "{spent}");
    assert_eq!(spent, PRICE * i64::try_from(server.ledger().len()).unwrap());
    let limits = "SELECT DISTINCT wait_limit FROM steps WHERE status = 'waiting'";
    assert_eq!(column(&app, limits).await, ["user_day_cost_usd"]);
    app.database().invariants_with(&server.ledger()).await;
    // The next morning.
    app.database()
        .client()
        .await
        .batch_execute("UPDATE user_days SET day = day - 1")
        .await
        .unwrap();
    eventually("they go on", async || {
        number(&app, "SELECT count(*) FROM tasks WHERE status = 'completed'").await == 20
    })
    .await;
    nothing_was_repeated(&app).await;
}
