use std::time::Duration;

use crate::bench::{Bench, eventually};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_ticket_is_taken_once_whoever_asks_at_the_same_time() {
    let bench = Bench::new();
    let hash = [7; 32];
    bench.queue.keep_ticket(&hash, "ada", LONG).await.unwrap();
    let takers = [(); 8].map(|()| bench.queue.take_ticket(&hash));
    let taken: Vec<_> = futures_util::future::join_all(takers).await;
    let good = taken.into_iter().filter_map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(good, ["ada"]);
    assert_eq!(bench.queue.take_ticket(&[8; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn a_ticket_ends_by_itself_and_without_redis_there_is_none() {
    let mut bench = Bench::new();
    let hash = [9; 32];
    bench.queue.keep_ticket(&hash, "ada", Duration::from_millis(50)).await.unwrap();
    eventually("it is gone", async || {
        let keys: Vec<String> =
            redis::cmd("KEYS").arg("*").query_async(&mut bench.look().await).await.unwrap();
        keys.is_empty()
    })
    .await;
    assert_eq!(bench.queue.take_ticket(&hash).await.unwrap(), None);
    bench.redis.stop();
    assert!(bench.queue.keep_ticket(&hash, "ada", LONG).await.is_err());
}
