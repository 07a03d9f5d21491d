use async_trait::async_trait;
use ninja_queue::{Delivery, Handler};
use tokio::sync::mpsc;

use crate::bench::{Bench, Worker, posting};

#[tokio::test]
async fn a_stop_waits_for_what_runs_and_removes_the_consumer() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    bench.queue.push([posting()]);
    let running = worker.next().await;
    assert_eq!(bench.consumers().await, [worker.id.to_string()]);
    worker.stop.cancel();
    assert!(!worker.is_served());
    running.acknowledge();
    worker.served().await;
    assert!(bench.is_empty().await);
    assert!(bench.consumers().await.is_empty());
}

#[tokio::test]
async fn what_was_read_and_not_decided_is_given_back_by_a_stop() {
    let bench = Bench::new();
    let mut worker = bench.worker(2);
    let job = posting();
    bench.queue.push([job]);
    let held = worker.next().await;
    worker.stop.cancel();
    drop(held);
    worker.served().await;
    assert_eq!((bench.entries().await, bench.pending().await), (1, 0));
    assert_eq!(bench.worker(1).next().await.acknowledge(), job.job_id);
}

#[tokio::test]
async fn a_stop_while_redis_is_gone_ends_too() {
    let mut bench = Bench::new();
    let mut worker = bench.worker(1);
    bench.queue.push([posting()]);
    worker.next().await.acknowledge();
    bench.redis.kill9();
    worker.stop.cancel();
    worker.served().await;
}

struct Panics(mpsc::UnboundedSender<()>);

#[async_trait]
impl Handler for Panics {
    async fn handle(&self, mut delivery: Delivery) {
        delivery.held.acknowledge();
        self.0.send(()).unwrap();
        panic!("a fault of the handler");
    }
}

#[tokio::test]
async fn a_handler_that_panics_keeps_neither_its_permit_nor_the_pool() {
    let bench = Bench::new();
    let (sender, mut panics) = mpsc::unbounded_channel();
    let worker = Worker::with(&bench.queue, 1, Panics(sender));
    bench.queue.push((0..3).map(|_| posting()));
    for _ in 0..3 {
        panics.recv().await.unwrap();
    }
    worker.stop.cancel();
    worker.served().await;
    assert!(bench.is_empty().await);
}
