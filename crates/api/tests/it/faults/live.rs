//! R17: no stream of events has a gap, whatever happens to its connections and to Redis.

use std::collections::BTreeSet;
use std::time::Duration;

use ninja_testkit::{Client, FaultProxy, Redis, Sse, TestApp};
use tokio::task::JoinSet;

use super::deaf::DeafRedis;

/// Streams of the fast set; all of them with `NINJA_TEST_SIZE=full`.
fn streams() -> usize {
    if full() { 50 } else { 10 }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the size of a test run is no setting of the product"
)]
fn full() -> bool {
    std::env::var("NINJA_TEST_SIZE").is_ok_and(|size| size == "full")
}

/// What a client saw of a task: number and type of each event, in the order in which they came.
#[derive(Default)]
struct Seen {
    events: Vec<(i64, String)>,
    cuts: usize,
}

impl Seen {
    fn last(&self) -> Option<i64> {
        self.events.last().map(|(seq, _)| *seq)
    }

    /// Events that client `n` waits for on its next connection: another number each time, so that cuts fall everywhere.
    fn patience(&self, n: usize) -> usize {
        1 + (n * 7 + self.cuts * 13) % 17
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stream_tells_every_event_once_in_order_though_notices_are_lost_and_redis_restarts() {
    storm(streams(), stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_socket_tells_every_event_once_in_order_though_notices_are_lost_and_redis_restarts() {
    storm(50, socket).await;
}

/// So many clients watch four tasks to their ends. Their connections are cut, three of ten notices are lost, and Redis
/// is killed in the middle.
async fn storm<W>(clients: usize, watch: impl Fn(Client, String, usize) -> W)
where
    W: Future<Output = Seen> + Send + 'static,
{
    let mut redis = Redis::start();
    let host = redis.url().trim_start_matches("redis://").trim_end_matches('/').to_owned();
    let deaf = DeafRedis::before(&host).await;
    let app = TestApp::with().workers(2).set("NINJA_REDIS__URL", &deaf.url()).start().await;
    let alice = app.user("alice").await;
    let proxy = FaultProxy::before(app.url());
    let through = alice.clone().at(&proxy.url(app.url()));
    let mut tasks = Vec::new();
    for _ in 0..4 {
        tasks.push(alice.create_noop(30, 150).await);
    }
    let mut watching = JoinSet::new();
    for n in 0..clients {
        let task = &tasks[n % tasks.len()];
        let (watched, task) = (watch(through.clone(), task.clone(), n), task.clone());
        watching.spawn(async move { (task, watched.await) });
    }
    // In the middle: some client has seen a third of its events.
    let mut probe = alice.sse(&tasks[0], 0).await;
    for _ in 0..30 {
        probe.next().await.expect("the task is not over yet");
    }
    redis.kill9();
    redis.start_empty();
    loop {
        // Whoever is connected loses it, all at the same moment.
        let watched = tokio::time::timeout(Duration::from_secs(2), watching.join_next());
        let Ok(watched) = watched.await else {
            proxy.cut();
            continue;
        };
        let Some(watched) = watched else { break };
        let (task, seen) = watched.unwrap();
        check(&alice, &task, &seen).await;
    }
    assert!(deaf.lost() > 10, "only {} notices were lost", deaf.lost());
    app.invariants().await;
}

async fn check(client: &Client, task: &str, seen: &Seen) {
    let stored: Vec<_> = client
        .events(task)
        .await
        .iter()
        .map(|event| (event["seq"].as_i64().unwrap(), event["type"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(seen.events, stored, "after {} disconnects", seen.cuts);
    let numbers: BTreeSet<_> = seen.events.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers.len(), seen.events.len());
    assert_eq!(seen.events.last().map(|(_, kind)| kind.as_str()), Some("task.completed"));
    assert!(seen.cuts > 3, "only {} disconnects", seen.cuts);
}

/// Reads a task to its end over event streams that are cut again and again.
async fn stream(client: Client, task: String, n: usize) -> Seen {
    let mut seen = Seen::default();
    let path = format!("/api/v1/tasks/{task}/events");
    loop {
        match Sse::resume(&client, &path, seen.last()).await {
            Ok(mut stream) => {
                for _ in 0..seen.patience(n) {
                    let Some(event) = stream.next().await else { break };
                    let seq = event.id.expect("no deltas were asked for");
                    seen.events.push((seq, event.event));
                }
            }
            Err(0) => {} // cut before the answer
            // Nothing is to come any more.
            Err(status) => {
                assert_eq!(status, 204, "the stream was refused");
                return seen;
            }
        }
        seen.cuts += 1;
    }
}

/// The same over sockets.
async fn socket(client: Client, task: String, n: usize) -> Seen {
    let mut seen = Seen::default();
    loop {
        if let Ok(mut socket) = client.dial().try_open().await {
            let after = seen.last().unwrap_or(0);
            socket
                .send(&serde_json::json!({"type": "subscribe", "task_id": task, "after": after}))
                .await;
            let mut left = seen.patience(n);
            while let Some(message) = socket.next().await {
                match message["type"].as_str().unwrap() {
                    "event" => {
                        let event = &message["event"];
                        let kind = event["type"].as_str().unwrap().to_owned();
                        seen.events.push((event["seq"].as_i64().unwrap(), kind));
                        left -= 1;
                    }
                    "end" => return seen,
                    "error" => panic!("{message}"),
                    _ => {}
                }
                if left == 0 {
                    break;
                }
            }
        }
        seen.cuts += 1;
    }
}
