use std::time::Duration;

use ninja_queue::Posting;

use crate::bench::{Bench, Worker, eventually, posting};

/// Work goes on: what is pushed is delivered, however often one has to ring.
async fn serves(bench: &Bench, worker: &mut Worker) {
    let job = posting();
    eventually("the ring is heard", async || {
        bench.queue.push([job]);
        bench.entries().await > 0
    })
    .await;
    delivers(worker, job).await;
}

/// Passes over what was rung for more than once.
async fn delivers(worker: &mut Worker, job: Posting) {
    while worker.next().await.acknowledge() != job.job_id {}
}

#[tokio::test]
async fn killed_connections_come_back() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    serves(&bench, &mut worker).await;
    for _ in 0..3 {
        bench.redis.client_kill();
        serves(&bench, &mut worker).await;
    }
}

#[tokio::test]
async fn an_emptied_redis_is_served_again_and_postgresql_is_asked_for_what_was_lost() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    serves(&bench, &mut worker).await;
    let lost = posting();
    worker.owed.add(lost);
    bench.redis.flush();
    delivers(&mut worker, lost).await;
    serves(&bench, &mut worker).await;
}

#[tokio::test]
async fn while_redis_is_gone_postgresql_names_the_work_and_after_it_redis_does_again() {
    let mut bench = Bench::new();
    let mut worker = bench.worker(2);
    serves(&bench, &mut worker).await;
    bench.redis.kill9();
    for _ in 0..2 {
        let owed = posting();
        worker.owed.add(owed);
        delivers(&mut worker, owed).await;
    }
    assert!(worker.pulse.age() < Duration::from_secs(10), "the loop is alive");
    bench.redis.start_empty();
    serves(&bench, &mut worker).await;
    let asked = worker.owed.asked();
    for _ in 0..20 {
        serves(&bench, &mut worker).await;
    }
    assert_eq!(worker.owed.asked(), asked, "not while Redis answers");
}

#[tokio::test]
async fn a_worker_that_starts_before_redis_serves_as_soon_as_it_is_there() {
    let mut bench = Bench::new();
    bench.redis.kill9();
    let mut worker = bench.worker(2);
    let owed = posting();
    worker.owed.add(owed);
    delivers(&mut worker, owed).await;
    bench.redis.start_empty();
    serves(&bench, &mut worker).await;
}

#[tokio::test]
async fn a_frozen_redis_is_noticed_and_served_again_when_it_thaws() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    serves(&bench, &mut worker).await;
    let owed = posting();
    worker.owed.add(owed);
    bench.redis.pause();
    delivers(&mut worker, owed).await; // PostgreSQL was asked meanwhile
    assert!(bench.queue.ping().await.is_err());
    bench.redis.resume();
    serves(&bench, &mut worker).await;
}
