use ninja_types::{JobId, WorkerId};

use crate::bench::{Bench, POOL, STREAM, eventually, posting};

#[tokio::test]
async fn only_jobs_that_no_live_message_names_are_missing() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    let (read, decided, waiting, never) = (posting(), posting(), posting(), JobId::new());
    bench.queue.push([read, decided]);
    let held = worker.next().await;
    let mut taken = worker.next().await; // both permits are taken, so the third is not read
    taken.delivery.held.acknowledge();
    bench.queue.push([waiting]);
    eventually("one read, one waiting", async || {
        bench.entries().await == 2 && bench.pending().await == 1
    })
    .await;
    let candidates = [read.job_id, decided.job_id, waiting.job_id, never];
    let missing = bench.queue.missing(POOL, &candidates).await.unwrap();
    assert_eq!(missing, [decided.job_id, never]);
    drop(held);
}

#[tokio::test]
async fn every_job_is_missing_where_there_is_no_stream() {
    let bench = Bench::new();
    let jobs = [JobId::new(), JobId::new()];
    assert_eq!(bench.queue.missing(POOL, &jobs).await.unwrap(), jobs);
}

#[tokio::test]
async fn what_waits_where_no_group_was_made_yet_is_live() {
    let bench = Bench::new();
    let job = posting();
    bench.queue.push([job]);
    eventually("it waits", async || bench.entries().await == 1).await;
    assert!(bench.queue.missing(POOL, &[job.job_id]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_ghost_is_deleted_and_its_job_is_missing() {
    let bench = Bench::new();
    let mut worker = bench.worker(1);
    let job = posting();
    bench.queue.push([job]);
    let held = worker.next().await;
    let mut look = bench.look().await;
    let mut range = redis::cmd("XRANGE");
    range.arg(STREAM).arg("-").arg("+");
    let entries: redis::streams::StreamRangeReply = range.query_async(&mut look).await.unwrap();
    let mut half = redis::cmd("XACK"); // acknowledged, but never deleted
    half.arg(STREAM).arg("ninja").arg(&entries.ids[0].id);
    let () = half.query_async(&mut look).await.unwrap();
    assert_eq!(bench.queue.missing(POOL, &[job.job_id]).await.unwrap(), [job.job_id]);
    assert_eq!(bench.entries().await, 0);
    drop(held);
}

#[tokio::test]
async fn a_backlog_of_more_than_a_page_is_seen_whole() {
    let bench = Bench::new();
    let jobs: Vec<_> = (0..2500).map(|_| posting()).collect();
    bench.queue.push(jobs.clone());
    eventually("all wait", async || bench.entries().await == 2500).await;
    let ids: Vec<_> = jobs.iter().map(|job| job.job_id).collect();
    assert!(bench.queue.missing(POOL, &ids).await.unwrap().is_empty());
}

#[tokio::test]
async fn burying_a_consumer_gives_back_what_it_had_read() {
    let bench = Bench::new();
    let mut dead = bench.worker(2);
    let jobs = [posting(), posting()];
    bench.queue.push(jobs);
    let held = [dead.next().await, dead.next().await]; // and never acknowledged
    assert_eq!(bench.queue.bury(POOL, dead.id).await.unwrap(), 2);
    assert_eq!((bench.entries().await, bench.pending().await), (2, 0));
    let mut worker = bench.worker(1);
    for job in jobs {
        assert_eq!(worker.next().await.acknowledge(), job.job_id);
    }
    drop(held);
}

#[tokio::test]
async fn burying_where_there_is_nothing_is_no_error() {
    let bench = Bench::new();
    assert_eq!(bench.queue.bury(POOL, WorkerId::new()).await.unwrap(), 0);
}
