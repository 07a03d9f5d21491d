use std::collections::HashSet;

use crate::bench::{Bench, POOL, STREAM, eventually, posting};

#[tokio::test]
async fn a_pushed_job_is_delivered_and_leaves_the_stream_when_acknowledged() {
    let bench = Bench::new();
    let mut worker = bench.worker(4);
    let job = posting();
    bench.queue.push([job]);
    let given = worker.next().await;
    assert_eq!((given.delivery.pool, given.job()), (POOL, job.job_id));
    assert_eq!(bench.pending().await, 1);
    given.acknowledge();
    eventually("the stream is empty", async || bench.is_empty().await).await;
}

#[tokio::test]
async fn what_was_pushed_before_any_worker_lived_is_delivered() {
    let bench = Bench::new();
    let jobs: Vec<_> = (0..3).map(|_| posting()).collect();
    bench.queue.push(jobs.clone());
    eventually("three entries", async || bench.entries().await == 3).await;
    let mut worker = bench.worker(1);
    for job in jobs {
        assert_eq!(worker.next().await.acknowledge(), job.job_id);
    }
}

#[tokio::test]
async fn nothing_is_read_while_no_permit_is_free() {
    let bench = Bench::new();
    let mut worker = bench.worker(1);
    bench.queue.push((0..3).map(|_| posting()));
    let mut first = worker.next().await;
    first.delivery.held.acknowledge();
    eventually("the first is gone", async || bench.entries().await == 2).await;
    assert_eq!(bench.pending().await, 0, "the others are anybody's");
    assert!(!worker.has_more());
    drop(first);
    worker.next().await.acknowledge();
    worker.next().await.acknowledge();
}

#[tokio::test]
async fn two_workers_share_a_stream_and_no_message_is_delivered_twice() {
    let bench = Bench::new();
    let (mut one, mut other) = (bench.worker(2), bench.worker(2));
    let jobs: Vec<_> = (0..200).map(|_| posting()).collect();
    bench.queue.push(jobs.clone());
    let mut seen = Vec::new();
    while seen.len() < jobs.len() {
        tokio::select! {
            given = one.next() => seen.push(given.acknowledge()),
            given = other.next() => seen.push(given.acknowledge()),
        }
    }
    let wanted: HashSet<_> = jobs.iter().map(|job| job.job_id).collect();
    assert_eq!(seen.into_iter().collect::<HashSet<_>>(), wanted);
    eventually("the stream is empty", async || bench.is_empty().await).await;
    assert!(!one.has_more() && !other.has_more());
}

#[tokio::test]
async fn a_doubled_message_is_delivered_twice_and_both_leave_the_stream() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    let job = posting();
    bench.queue.push([job, job]);
    assert_eq!(worker.next().await.acknowledge(), job.job_id);
    assert_eq!(worker.next().await.acknowledge(), job.job_id);
    eventually("the stream is empty", async || bench.is_empty().await).await;
}

#[tokio::test]
async fn a_message_that_nobody_understands_is_removed_and_the_next_one_delivered() {
    let bench = Bench::new();
    let mut worker = bench.worker(1);
    let mut add = redis::cmd("XADD");
    add.arg(STREAM).arg("*").arg("job").arg("seven");
    let _: String = add.query_async(&mut bench.look().await).await.unwrap();
    let job = posting();
    bench.queue.push([job]);
    assert_eq!(worker.next().await.acknowledge(), job.job_id);
    eventually("the stream is empty", async || bench.is_empty().await).await;
}

#[tokio::test]
async fn what_a_consumer_read_before_it_died_is_delivered_to_another() {
    let bench = Bench::new();
    let mut look = bench.look().await;
    let mut create = redis::cmd("XGROUP");
    create.arg("CREATE").arg(STREAM).arg("ninja").arg("0").arg("MKSTREAM");
    let () = create.query_async(&mut look).await.unwrap();
    let job = posting();
    bench.queue.push([job]);
    eventually("it waits", async || bench.entries().await == 1).await;
    let mut read = redis::cmd("XREADGROUP");
    read.arg("GROUP").arg("ninja").arg("dead").arg("STREAMS").arg(STREAM).arg(">");
    let read: redis::streams::StreamReadReply = read.query_async(&mut look).await.unwrap();
    let mut age = redis::cmd("XCLAIM"); // as if that had been a minute ago
    age.arg(STREAM).arg("ninja").arg("dead").arg(0).arg(&read.keys[0].ids[0].id);
    let () = age.arg("IDLE").arg(60_000).query_async(&mut look).await.unwrap();
    let mut worker = bench.worker(1);
    assert_eq!(worker.next().await.acknowledge(), job.job_id);
    eventually("the stream is empty", async || bench.is_empty().await).await;
}

#[tokio::test]
async fn nothing_is_delivered_while_a_job_runs_alone() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    bench.queue.push([posting()]);
    let alone = worker.next().await;
    worker.reading.send_replace(false);
    let job = posting();
    bench.queue.push([job]);
    alone.acknowledge();
    // A read that was in flight gives back what it brought: it is an entry again, and nobody has it.
    eventually("it waits, unread", async || {
        bench.entries().await == 1 && bench.pending().await == 0
    })
    .await;
    assert!(!worker.has_more());
    worker.reading.send_replace(true);
    assert_eq!(worker.next().await.acknowledge(), job.job_id);
}
