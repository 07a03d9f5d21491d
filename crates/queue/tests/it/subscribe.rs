use std::time::Duration;

use ninja_queue::{Channel, Heard, Signal, Subscriber};
use ninja_types::{Delta, DeltaStream, SessionId, StepId, TaskId, UserId};
use tokio::sync::broadcast::Receiver;

use crate::bench::{Bench, eventually, queue_at};

async fn next(hearer: &mut Receiver<Heard>) -> Heard {
    tokio::time::timeout(Duration::from_secs(20), hearer.recv()).await.expect("silence").unwrap()
}

fn delta(task_id: TaskId, index: u64) -> Delta {
    let (step_id, stream) = (StepId::new(), DeltaStream::Stdout);
    Delta { task_id, step_id, call_no: 1, epoch: 1, index, stream, text: "ä\n".into() }
}

#[tokio::test]
async fn notices_and_signals_are_heard_by_every_process_that_listens() {
    let bench = Bench::new();
    let other = queue_at(&bench.redis.url());
    let subscribers = [&bench.queue, &other]
        .map(|queue| queue.subscribe([Channel::Notices, Channel::Signals, Channel::Revocations]));
    let mut hearers = subscribers.each_ref().map(Subscriber::hear);
    for hearer in &mut hearers {
        assert_eq!(next(hearer).await, Heard::Resync);
    }
    let (user_id, task_id) = (UserId::new(), TaskId::new());
    bench.queue.notify(user_id, task_id, 7);
    for hearer in &mut hearers {
        assert_eq!(next(hearer).await, Heard::Notice { user_id, task_id, seq: 7 });
    }
    let ended = vec![SessionId::new(), SessionId::new()];
    bench.queue.revoke(&ended);
    for hearer in &mut hearers {
        assert_eq!(next(hearer).await, Heard::Revoked(ended.clone()));
    }
    other.signal(Signal::Cancel(task_id));
    for hearer in &mut hearers {
        assert_eq!(next(hearer).await, Heard::Signal(Signal::Cancel(task_id)));
    }
}

#[tokio::test]
async fn deltas_are_heard_in_order_and_only_of_the_tasks_that_are_watched() {
    let bench = Bench::new();
    let (watched, other) = (TaskId::new(), TaskId::new());
    let subscriber = bench.queue.subscribe([Channel::Notices]);
    let mut hearer = subscriber.hear();
    assert_eq!(next(&mut hearer).await, Heard::Resync);
    subscriber.add(Channel::Delta(watched));
    let channels = async || -> Vec<String> {
        let mut ask = redis::cmd("PUBSUB");
        ask.arg("CHANNELS").query_async(&mut bench.look().await).await.unwrap()
    };
    let channel = format!("ninja:delta:{watched}");
    eventually("it is listened to", async || channels().await.contains(&channel)).await;
    for index in 0..50 {
        bench.queue.delta(&delta(other, index)).await;
        bench.queue.delta(&delta(watched, index)).await;
    }
    for index in 0..50 {
        let Heard::Delta(heard) = next(&mut hearer).await else { panic!("no delta") };
        assert_eq!((heard.task_id, heard.index, heard.text.as_str()), (watched, index, "ä\n"));
    }
    subscriber.remove(Channel::Delta(watched));
    eventually("nobody listens", async || !channels().await.contains(&channel)).await;
}

#[tokio::test]
async fn after_a_lost_connection_the_hearer_is_told_to_look_at_the_rows() {
    let mut bench = Bench::new();
    let subscriber = bench.queue.subscribe([Channel::Notices]);
    let mut hearer = subscriber.hear();
    assert_eq!(next(&mut hearer).await, Heard::Resync);
    bench.redis.client_kill();
    assert_eq!(next(&mut hearer).await, Heard::Resync);
    bench.redis.kill9();
    bench.redis.start_empty();
    assert_eq!(next(&mut hearer).await, Heard::Resync);
    let (user_id, task_id) = (UserId::new(), TaskId::new());
    bench.queue.notify(user_id, task_id, 1);
    assert_eq!(next(&mut hearer).await, Heard::Notice { user_id, task_id, seq: 1 });
}
