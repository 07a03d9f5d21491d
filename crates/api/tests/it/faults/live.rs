//! R17: the event stream has no gap, whatever happens to its connections and to Redis.

use std::collections::BTreeSet;

use ninja_testkit::{Client, Redis, Sse, TestApp};
use tokio::task::JoinSet;

use super::deaf::DeafRedis;

/// Clients of the fast set; all of them with `NINJA_TEST_SIZE=full`.
fn clients() -> usize {
    if full() { 50 } else { 10 }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the size of a test run is no setting of the product"
)]
fn full() -> bool {
    std::env::var("NINJA_TEST_SIZE").is_ok_and(|size| size == "full")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_sees_every_event_once_in_order_though_notices_are_lost_and_redis_restarts() {
    let mut redis = Redis::start();
    let host = redis.url().trim_start_matches("redis://").trim_end_matches('/').to_owned();
    let deaf = DeafRedis::before(&host).await;
    let app = TestApp::with().workers(2).set("NINJA_REDIS__URL", &deaf.url()).start().await;
    let alice = app.user("alice").await;
    let mut tasks = Vec::new();
    for _ in 0..4 {
        tasks.push(alice.create_noop(30, 150).await);
    }
    let mut watching = JoinSet::new();
    for n in 0..clients() {
        let (alice, task) = (alice.clone(), tasks[n % tasks.len()].clone());
        watching.spawn(async move { watch(&alice, &task, n).await });
    }
    // In the middle: some client has seen a third of its events.
    let mut probe = alice.sse(&tasks[0], 0).await;
    for _ in 0..30 {
        probe.next().await.expect("the task is not over yet");
    }
    redis.kill9();
    redis.start_empty();
    while let Some(watched) = watching.join_next().await {
        let (task, seen, cuts) = watched.unwrap();
        let stored: Vec<_> = alice.events(&task).await;
        let stored: Vec<_> = stored
            .iter()
            .map(|event| {
                (event["seq"].as_i64().unwrap(), event["type"].as_str().unwrap().to_owned())
            })
            .collect();
        assert_eq!(seen, stored, "after {cuts} disconnects");
        let numbers: BTreeSet<_> = seen.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(numbers.len(), seen.len());
        assert_eq!(seen.last().map(|(_, kind)| kind.as_str()), Some("task.completed"));
        assert!(cuts > 3, "only {cuts} disconnects");
    }
    assert!(deaf.lost() > 10, "only {} notices were lost", deaf.lost());
    app.invariants().await;
}

/// Reads a task to its end over streams that are cut again and again: number and type of each event, and the cuts.
async fn watch(client: &Client, task: &str, n: usize) -> (String, Vec<(i64, String)>, usize) {
    let (mut seen, mut cuts) = (Vec::<(i64, String)>::new(), 0);
    let path = format!("/api/v1/tasks/{task}/events");
    loop {
        let last = seen.last().map(|(seq, _)| *seq);
        let mut stream = match Sse::resume(client, &path, last).await {
            Ok(stream) => stream,
            // Nothing is to come any more.
            Err(status) => {
                assert_eq!(status, 204, "the stream was refused");
                return (task.to_owned(), seen, cuts);
            }
        };
        // Another number of events each time, so that cuts fall everywhere.
        let patience = 1 + (n * 7 + cuts * 13) % 17;
        for _ in 0..patience {
            match stream.next().await {
                Some(event) => {
                    seen.push((event.id.expect("no deltas were asked for"), event.event));
                }
                None => break,
            }
        }
        cuts += 1;
    }
}
