//! What calls of models reserve, cost and leave, at a user's cap and at every end of a call.

use futures_util::future::join_all;
use ninja_db::budgets::{self, Amount, Caps, WorstCase};
use ninja_db::calls::{self, AskedModel, Begun, CallAnswer, Fallback, NewCall, Terms};
use ninja_db::jobs::rest;
use ninja_db::tasks::{self, Raise};
use ninja_db::{Lease, Owner, steps, sweep};
use ninja_types::{CallKind, Failure, FailureCode, ModelErrorClass, TaskId, Usage, Usd, WorkerId};

use crate::journal;
use crate::world::{CAPS, PATIENCE, TERMS, World, chain};

const DAY: &str = "SELECT concat_ws(' ', sum(spent), sum(reserved)) FROM user_days";
const TASK: &str =
    "SELECT concat_ws(' ', usage ->> 'cost_usd', reserved, reserved_tokens) FROM tasks";

pub(crate) fn worst(most: i64, least: i64) -> WorstCase {
    let amount = |micros: i64| Amount {
        cost: Usd::from_micros(micros),
        tokens: micros.unsigned_abs() / 100,
    };
    WorstCase { most: amount(most), least: amount(least) }
}

pub(crate) fn model_call(call_no: i32, worst: WorstCase) -> NewCall {
    NewCall {
        kind: CallKind::Model,
        name: "standard".into(),
        reserve: Some(worst),
        ..journal::call(call_no)
    }
}

pub(crate) fn used(micros: i64) -> Usage {
    Usage {
        model_calls: 1,
        input_tokens: micros.unsigned_abs() / 200,
        output_tokens: 1,
        cost_usd: Usd::from_micros(micros),
        ..Usage::default()
    }
}

pub(crate) fn said(micros: i64) -> CallAnswer {
    let fallback = Fallback {
        from: "openai/a".into(),
        to: "anthropic/b".into(),
        class: ModelErrorClass::Overloaded,
    };
    let model = AskedModel {
        provider: "anthropic".into(),
        model: "b".into(),
        price_version: "1".into(),
        fallbacks: vec![fallback],
    };
    CallAnswer { usage: used(micros), model: Some(model), ..journal::answer() }
}

impl World {
    pub(crate) async fn leased(&self, worker: WorkerId) -> (TaskId, Lease) {
        let task = self.create(chain(1)).await.task.id;
        let job = self.job_of(task, 1).await;
        (task, self.claim(job, worker).await.expect("a lease"))
    }

    pub(crate) async fn ask_model(&self, lease: &Lease, no: i32, worst: WorstCase) -> Begun {
        let call = model_call(no, worst);
        calls::intend(&mut self.conn().await, lease, &call, &TERMS).await.expect("decided")
    }

    pub(crate) async fn answered(&self, lease: &Lease, no: i32, micros: i64) {
        calls::finish(&mut self.conn().await, lease, no, &said(micros)).await.expect("stored");
    }

    async fn wakes(&self, caps: &Caps) -> usize {
        budgets::wake(&mut self.conn().await, caps).await.expect("swept").len()
    }
}

pub(crate) fn granted(begun: &Begun) -> Option<i64> {
    match begun {
        Begun::Now(_, amount) => Some(amount.cost.micros()),
        Begun::Over(_) => None,
    }
}

#[tokio::test]
async fn an_answer_pays_its_price_and_frees_the_rest() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, lease) = world.leased(worker).await;
    let begun = world.ask_model(&lease, 1, worst(20_000, 5_000)).await;
    assert_eq!(granted(&begun), Some(20_000));
    assert_eq!(
        (world.ask(DAY).await, world.ask(TASK).await),
        ("0 20000".into(), "0.000000 20000 200".into())
    );
    world.database.invariants().await;
    world.answered(&lease, 1, 7_000).await;
    assert_eq!(
        (world.ask(DAY).await, world.ask(TASK).await),
        ("7000 0".into(), "0.007000 0 0".into())
    );
    let installation = "SELECT string_agg(period || ' ' || spent || ' ' || reserved, ', ' ORDER BY period) FROM installation_spending";
    assert_eq!(world.ask(installation).await, "day 7000 0, month 7000 0");
    let row = "SELECT concat_ws(' ', provider, model, fallback_from, price_version, cost) FROM step_calls";
    assert_eq!(world.ask(row).await, "anthropic b openai/a 1 7000");
    world.database.invariants().await;
    world.finish(&lease).await;
    let step = "SELECT concat_ws(' ', usage ->> 'cost_usd', usage ->> 'model_calls') FROM steps";
    assert_eq!(world.ask(step).await, "0.007000 1");
    assert!(world.events(task).await.contains("call.started model.fallback call.finished"));
    world.database.invariants().await;
}

#[tokio::test]
async fn twenty_tasks_at_once_never_overdraw_their_users_day() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let mut leases = Vec::new();
    for _ in 0..20 {
        leases.push(world.leased(worker).await.1);
    }
    let asked = leases.iter().map(|lease| world.ask_model(lease, 1, worst(120_000, 60_000)));
    let begun = join_all(asked).await;
    let grants: Vec<Option<i64>> = begun.iter().map(granted).collect();
    let sum: i64 = grants.iter().flatten().sum();
    assert!(grants.iter().flatten().count() == 8 && sum == 960_000, "{grants:?}");
    assert_eq!(world.ask(DAY).await, "0 960000");
    assert_eq!(world.ask("SELECT count(*)::text FROM steps WHERE status = 'waiting' AND wait_limit = 'user_day_cost_usd'").await, "12");
    world.database.invariants().await;
    assert_eq!(world.wakes(&CAPS).await, 0, "there is no room");
    let paid = leases.iter().zip(&grants).filter(|(_, grant)| grant.is_some());
    join_all(paid.map(|(lease, _)| world.answered(lease, 1, 100_000))).await;
    assert_eq!(world.ask(DAY).await, "800000 0");
    assert_eq!(world.wakes(&CAPS).await, 12, "what was freed is there for those that wait");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_daily_limit_ends_with_its_day() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    world.execute("INSERT INTO user_days (user_id, day, spent) SELECT id, (now() AT TIME ZONE 'UTC')::date, 999999 FROM users").await;
    let (task, lease) = world.leased(worker).await;
    let begun = world.ask_model(&lease, 1, worst(2_000, 1_000)).await;
    assert_eq!((granted(&begun), world.status(task).await), (None, "waiting".into()));
    let told = "SELECT concat_ws(' ', data ->> 'limit', data ->> 'used', data ->> 'asked', data ->> 'max') FROM task_events WHERE type = 'budget.exhausted'";
    assert_eq!(world.ask(told).await, "user_day_cost_usd 0.999999 0.001000 1.000000");
    assert_eq!(world.wakes(&CAPS).await, 0);
    world.execute("UPDATE user_days SET day = day - 1").await;
    assert_eq!(world.wakes(&CAPS).await, 1);
    assert_eq!(world.status(task).await, "running");
    let lease = world.claim(lease.job, worker).await.expect("a lease");
    assert_eq!(lease.attempt, 1, "a wait is not charged");
    assert_eq!(granted(&world.ask_model(&lease, 1, worst(2_000, 1_000)).await), Some(2_000));
    world.database.invariants().await;
}

#[tokio::test]
async fn the_installation_may_have_a_limit_of_its_own() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let caps = Caps { installation_month: Some(Usd::from_micros(3_000)), ..CAPS };
    let terms = Terms { caps, ..TERMS };
    let (task, lease) = world.leased(worker).await;
    let mut conn = world.conn().await;
    let call = model_call(1, worst(5_000, 1_000));
    let begun = calls::intend(&mut conn, &lease, &call, &terms).await.expect("decided");
    assert_eq!(granted(&begun), Some(3_000), "as much as is left");
    world.answered(&lease, 1, 2_500).await;
    let call = model_call(2, worst(5_000, 1_000));
    let begun = calls::intend(&mut conn, &lease, &call, &terms).await.expect("decided");
    assert_eq!((granted(&begun), world.status(task).await), (None, "waiting".into()));
    assert_eq!(world.ask("SELECT wait_limit FROM steps").await, "installation_month_cost_usd");
    assert_eq!(
        (world.wakes(&caps).await, world.wakes(&CAPS).await),
        (0, 1),
        "a larger limit wakes it"
    );
    world.database.invariants().await;
}

#[tokio::test]
async fn a_spent_task_waits_and_goes_on_at_the_same_call() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, lease) = world.leased(worker).await;
    world
        .execute("UPDATE tasks SET budget = jsonb_set(budget, '{max_cost_usd}', '\"0.010000\"')")
        .await;
    assert_eq!(granted(&world.ask_model(&lease, 1, worst(20_000, 5_000)).await), Some(10_000));
    world.answered(&lease, 1, 9_000).await;
    assert_eq!(granted(&world.ask_model(&lease, 2, worst(20_000, 5_000)).await), None);
    assert_eq!(world.ask("SELECT wait_limit FROM steps").await, "max_cost_usd");
    let more = Raise { cost_usd: Usd::from_micros(10_000), ..Raise::default() };
    let owner = Owner::User(world.user);
    let mut conn = world.conn().await;
    let raised = tasks::raise_budget(
        &mut conn,
        (owner, task),
        world.user,
        (&more, Usd::from_micros(1_000_000)),
        (&crate::world::SLOTS, None),
    );
    raised.await.expect("raised");
    let lease = world.claim(lease.job, worker).await.expect("a lease");
    assert_eq!(granted(&world.ask_model(&lease, 2, worst(20_000, 5_000)).await), Some(11_000));
    world.database.invariants().await;
}

#[tokio::test]
async fn a_call_that_is_bought_again_pays_for_the_first_time_too() {
    let world = World::new().await;
    let first = world.worker(&[]).await;
    let (_, lease) = world.leased(first).await;
    world.ask_model(&lease, 1, worst(20_000, 5_000)).await;
    let mut conn = world.conn().await;
    world.execute("UPDATE workers SET state = 'lost'").await;
    for expired in sweep::expired(&mut conn, 10).await.expect("asked") {
        sweep::take_over(&mut conn, &expired, 3).await.expect("taken over");
    }
    assert_eq!(world.ask(DAY).await, "0 20000", "nobody knows yet whether it was answered");
    let lease = world.claim(lease.job, world.worker(&[]).await).await.expect("a lease");
    let again = worst(20_000, 5_000);
    let begun = calls::repeat(&mut conn, &lease, (1, Some(&again)), &TERMS).await.expect("decided");
    assert_eq!((granted(&begun), world.ask(DAY).await), (Some(20_000), "20000 20000".into()));
    world.database.invariants().await;
    world.answered(&lease, 1, 4_000).await;
    let paid = "SELECT concat_ws(' ', usage ->> 'cost_usd', usage ->> 'model_calls', usage ->> 'estimated') FROM tasks";
    assert_eq!(world.ask(paid).await, "0.024000 2 true");
    world.database.invariants().await;
}

#[tokio::test]
async fn a_broken_attempt_is_paid_and_the_next_one_reserved() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, lease) = world.leased(worker).await;
    world.ask_model(&lease, 1, worst(20_000, 5_000)).await;
    let mut conn = world.conn().await;
    let more = worst(10_000, 1_000);
    let begun = calls::extend(&mut conn, &lease, (1, &more), &TERMS).await.expect("decided");
    assert_eq!((granted(&begun), world.ask(DAY).await), (Some(10_000), "0 30000".into()));
    world.database.invariants().await;
    calls::release(&mut conn, &lease, 1, used(12_000)).await.expect("released");
    assert_eq!(
        (world.ask(DAY).await, world.ask(TASK).await),
        ("12000 0".into(), "0.012000 0 0".into())
    );
    assert_eq!(world.ask("SELECT state || ' ' || cost FROM step_calls").await, "intended 12000");
    world.database.invariants().await;
    let more = worst(2_000_000, 1_500_000);
    world.execute("UPDATE tasks SET budget = jsonb_set(budget, '{on_exceeded}', '\"fail\"')").await;
    let begun = calls::extend(&mut conn, &lease, (1, &more), &TERMS).await.expect("decided");
    assert_eq!((granted(&begun), world.status(task).await), (None, "failed".into()));
    world.database.invariants().await;
}

#[tokio::test]
async fn a_task_that_ends_with_a_call_open_pays_for_it() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, lease) = world.leased(worker).await;
    world.ask_model(&lease, 1, worst(20_000, 5_000)).await;
    let mut conn = world.conn().await;
    let owner = Owner::User(world.user);
    tasks::cancel(&mut conn, owner, task, world.user).await.expect("cancelled");
    steps::stop(&mut conn, &lease).await.expect("stopped");
    assert_eq!(
        (world.status(task).await, world.ask(DAY).await),
        ("cancelled".into(), "20000 0".into())
    );
    world.database.invariants().await;
    let (task, lease) = world.leased(worker).await;
    world.ask_model(&lease, 1, worst(30_000, 5_000)).await;
    let failure = Failure::new(FailureCode::Internal, "It broke.");
    steps::fail(&mut conn, &lease, &failure).await.expect("failed");
    assert_eq!(
        (world.status(task).await, world.ask(DAY).await),
        ("failed".into(), "50000 0".into())
    );
    world.database.invariants().await;
}

#[tokio::test]
async fn the_tenth_time_that_all_providers_rest_fails_the_step() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let (task, lease) = world.leased(worker).await;
    let failure = Failure::new(FailureCode::ProviderUnavailable, "Every provider rests.");
    let mut conn = world.conn().await;
    let mut lease = lease;
    for _ in 1..10 {
        rest(&mut conn, &lease, &failure, PATIENCE).await.expect("handed back");
        assert_eq!(world.status(task).await, "running");
        world.execute("UPDATE jobs SET not_before = now()").await;
        lease = world.claim(lease.job, worker).await.expect("a lease");
        assert_eq!(lease.attempt, 1, "nobody is to blame");
    }
    rest(&mut conn, &lease, &failure, PATIENCE).await.expect("decided");
    assert_eq!(world.ask("SELECT error ->> 'code' FROM tasks").await, "provider_unavailable");
    world.database.invariants().await;
}
