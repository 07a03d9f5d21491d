use std::time::Duration;

use ninja_queue::Limit;

use crate::bench::{Bench, eventually};

fn limit(key: &str, limit: u32, seconds: u64) -> Limit {
    Limit { key: key.to_owned(), limit, per: Duration::from_secs(seconds) }
}

#[tokio::test]
async fn a_limit_lets_through_what_it_says_and_tells_when_it_begins_anew() {
    let bench = Bench::new();
    let limits = [limit("user:7", 3, 60)];
    for remaining in [2, 1, 0] {
        let verdict = bench.queue.limit(&limits).await.unwrap();
        assert_eq!((verdict.allowed, verdict.limit, verdict.remaining), (true, 3, remaining));
    }
    let verdict = bench.queue.limit(&limits).await.unwrap();
    assert_eq!((verdict.allowed, verdict.remaining), (false, 0));
    assert!((1..=60).contains(&verdict.reset_seconds), "{verdict:?}");
    assert!(bench.queue.limit(&[limit("user:8", 3, 60)]).await.unwrap().allowed);
}

#[tokio::test]
async fn a_request_that_one_limit_refuses_is_counted_by_none() {
    let bench = Bench::new();
    let (wide, narrow) = (limit("wide", 10, 60), limit("narrow", 1, 60));
    let both = [wide.clone(), narrow];
    assert!(bench.queue.limit(&both).await.unwrap().allowed);
    for _ in 0..5 {
        assert!(!bench.queue.limit(&both).await.unwrap().allowed);
    }
    assert_eq!(bench.queue.limit(&[wide]).await.unwrap().remaining, 8);
}

#[tokio::test]
async fn a_window_ends() {
    let bench = Bench::new();
    let limits = [limit("brief", 1, 1)];
    let allowed = async || bench.queue.limit(&limits).await.unwrap().allowed;
    assert!(allowed().await);
    assert!(!allowed().await);
    eventually("the window ends", allowed).await;
}

#[tokio::test]
async fn without_redis_a_limit_says_so() {
    let mut bench = Bench::new();
    bench.redis.kill9();
    assert!(bench.queue.limit(&[limit("user:7", 3, 60)]).await.is_err());
}
