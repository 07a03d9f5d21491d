use std::time::Duration;

use ninja_queue::Share;
use ninja_types::ProviderId;

use crate::bench::{Bench, queue_at};

const PATIENCE: Duration = Duration::from_secs(5);

fn share(provider: ProviderId, of: &'static str, cost_s: u64, burst_s: u64) -> Share {
    let (cost, burst) = (Duration::from_secs(cost_s), Duration::from_secs(burst_s));
    Share { provider, of, cost, burst }
}

#[tokio::test]
async fn rates_of_a_key_are_shared_by_the_whole_fleet() {
    let bench = Bench::new();
    let one = [share(ProviderId::new(), "requests", 60, 300)];
    let queues: Vec<_> = (0..12).map(|_| queue_at(&bench.redis.url())).collect();
    let takes = queues.iter().map(|queue| queue.take(&one, PATIENCE));
    let waits: Vec<_> = futures_util::future::join_all(takes).await;
    let waits: Vec<Duration> = waits.into_iter().map(Result::unwrap).collect();
    assert_eq!(waits.iter().filter(|wait| wait.is_zero()).count(), 5, "{waits:?}");
    let wait = waits.iter().max().unwrap();
    assert!(*wait <= Duration::from_mins(1) && *wait > Duration::from_secs(50), "{wait:?}");
}

#[tokio::test]
async fn rates_that_lack_tokens_take_no_request() {
    let bench = Bench::new();
    let key = ProviderId::new();
    let (request, many) = (share(key, "requests", 60, 60), share(key, "tokens", 600, 60));
    assert!(
        bench.queue.take(&[many], PATIENCE).await.unwrap().is_zero(),
        "alone, it may be too large"
    );
    assert!(!bench.queue.take(&[request, many], PATIENCE).await.unwrap().is_zero());
    assert!(bench.queue.take(&[request], PATIENCE).await.unwrap().is_zero());
    let other = share(ProviderId::new(), "requests", 60, 60);
    assert!(bench.queue.take(&[other], PATIENCE).await.unwrap().is_zero());
}

#[tokio::test]
async fn rates_without_redis_say_so() {
    let mut bench = Bench::new();
    bench.redis.kill9();
    let one = [share(ProviderId::new(), "requests", 1, 1)];
    assert!(bench.queue.take(&one, PATIENCE).await.is_err());
    assert!(bench.queue.take(&[], PATIENCE).await.unwrap().is_zero());
}
