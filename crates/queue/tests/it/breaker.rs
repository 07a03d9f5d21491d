//! The breaker that the fleet shares: the rules are proven in `crates/llm`, here they are seen through two processes.

use std::time::Duration;

use ninja_queue::{BreakerRules, Looked, Queue, Told, Watched};
use ninja_types::ProviderId;

use crate::bench::{Bench, eventually, queue_at};

const PATIENCE: Duration = Duration::from_secs(5);

const RULES: BreakerRules = BreakerRules {
    failures: 3,
    window: Duration::from_secs(30),
    open: Duration::from_millis(300),
    probe: Duration::from_secs(30),
    off: Duration::from_mins(1),
    cool_first: Duration::from_millis(100),
    cool_last: Duration::from_millis(800),
    cool_asked: Duration::from_mins(10),
};

fn watched() -> Watched {
    Watched { provider: ProviderId::new(), model: "vendor/model:1".to_owned() }
}

async fn look(queue: &Queue, one: &Watched) -> Looked {
    queue.look(std::slice::from_ref(one), PATIENCE).await.unwrap()[0]
}

/// Tells, and waits until the other process sees what it makes of it.
async fn told(bench: &Bench, one: &Watched, told: Told, seen: impl Fn(Looked) -> bool) {
    let other = queue_at(&bench.redis.url());
    bench.queue.tell(one, told, RULES);
    eventually("the fleet hears", async || seen(look(&other, one).await)).await;
}

async fn opened(bench: &Bench, one: &Watched) {
    for _ in 1..RULES.failures {
        bench.queue.tell(one, Told::Ill, RULES);
    }
    told(bench, one, Told::Ill, |looked| matches!(looked, Looked::Open(_))).await;
}

#[tokio::test]
async fn breaker_that_one_process_opens_is_open_for_all_and_of_that_model_only() {
    let bench = Bench::new();
    let (ill, well) = (watched(), watched());
    opened(&bench, &ill).await;
    let both = bench.queue.look(&[well.clone(), ill.clone()], PATIENCE).await.unwrap();
    assert!(
        matches!(both[..], [Looked::Closed, Looked::Open(left)] if left <= RULES.open),
        "{both:?}"
    );
    assert!(!bench.queue.claim_probe(&ill, RULES, PATIENCE).await.unwrap());
    assert!(bench.queue.claim_probe(&well, RULES, PATIENCE).await.unwrap());
}

#[tokio::test]
async fn breaker_that_is_half_open_lets_one_probe_of_the_whole_fleet_through() {
    let bench = Bench::new();
    let one = watched();
    opened(&bench, &one).await;
    eventually("half open", async || look(&bench.queue, &one).await == Looked::HalfOpen).await;
    let queues: Vec<_> = (0..20).map(|_| queue_at(&bench.redis.url())).collect();
    let claims = queues.iter().map(|queue| queue.claim_probe(&one, RULES, PATIENCE));
    let won = futures_util::future::join_all(claims).await;
    assert_eq!(won.into_iter().filter(|won| *won.as_ref().unwrap()).count(), 1);
    assert!(matches!(look(&bench.queue, &one).await, Looked::Open(_)), "others stay away");
    told(&bench, &one, Told::Well, |looked| looked == Looked::Closed).await;
}

#[tokio::test]
async fn breaker_whose_probe_fails_opens_again() {
    let bench = Bench::new();
    let one = watched();
    opened(&bench, &one).await;
    eventually("half open", async || look(&bench.queue, &one).await == Looked::HalfOpen).await;
    assert!(bench.queue.claim_probe(&one, RULES, PATIENCE).await.unwrap());
    let again = |looked| matches!(looked, Looked::Open(left) if left <= RULES.open);
    told(&bench, &one, Told::Ill, again).await;
}

#[tokio::test]
async fn breaker_of_a_busy_provider_cools_as_long_as_it_asks() {
    let bench = Bench::new();
    let one = watched();
    let cools = |at_most: u64, at_least: u64| {
        move |looked| match looked {
            Looked::Cooling(left) => {
                left <= Duration::from_secs(at_most) && left > Duration::from_secs(at_least)
            }
            _ => false,
        }
    };
    told(&bench, &one, Told::Busy(Some(Duration::from_secs(40))), cools(40, 30)).await;
    told(&bench, &one, Told::Busy(Some(Duration::from_hours(1))), cools(600, 590)).await;
    // What an older call tells ends no rest.
    bench.queue.tell(&one, Told::Well, RULES);
    told(&bench, &one, Told::Ill, cools(600, 590)).await;
}

#[tokio::test]
async fn breaker_of_a_provider_that_refuses_the_key_is_off_for_all_its_models() {
    let bench = Bench::new();
    let one = watched();
    let other = Watched { model: "another".to_owned(), ..one.clone() };
    told(&bench, &one, Told::Barred, |looked| matches!(looked, Looked::Off(_))).await;
    assert!(matches!(look(&bench.queue, &other).await, Looked::Off(_)));
    let gone = watched();
    told(&bench, &gone, Told::Gone, |looked| matches!(looked, Looked::Off(_))).await;
    let other = Watched { model: "another".to_owned(), ..gone };
    assert_eq!(look(&bench.queue, &other).await, Looked::Closed);
}

#[tokio::test]
async fn breaker_without_redis_says_so() {
    let mut bench = Bench::new();
    bench.redis.kill9();
    assert!(bench.queue.look(&[watched()], PATIENCE).await.is_err());
    assert!(bench.queue.claim_probe(&watched(), RULES, PATIENCE).await.is_err());
}
