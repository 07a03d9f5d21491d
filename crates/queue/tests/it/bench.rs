//! A workbench: one Redis, one queue, and a handler that shows the test what it was given.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ninja_config::{RedisConfig, Seconds, Setting};
use ninja_queue::{
    Delivery, Fallback, Handler, JobRef, Posting, Pulse, Queue, Serving, Unavailable,
};
use ninja_testkit::Redis;
use ninja_types::{JobId, JobKind, Pool, WorkerId};
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamInfoConsumersReply, StreamInfoGroupsReply};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const POOL: Pool = Pool::Coder;
pub(crate) const STREAM: &str = "ninja:{coder}";
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Bench {
    pub(crate) redis: Redis,
    pub(crate) queue: Queue,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let redis = Redis::start();
        let queue = queue_at(&redis.url());
        Self { redis, queue }
    }

    /// A connection for looking at what is really there.
    pub(crate) async fn look(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.redis.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    pub(crate) async fn entries(&self) -> usize {
        redis::cmd("XLEN").arg(STREAM).query_async(&mut self.look().await).await.unwrap()
    }

    /// Entries that somebody has read and not acknowledged; none if there is no group.
    pub(crate) async fn pending(&self) -> usize {
        let mut ask = redis::cmd("XINFO");
        let found = ask.arg("GROUPS").arg(STREAM).query_async(&mut self.look().await).await;
        let found: StreamInfoGroupsReply = found.unwrap_or_default();
        found.groups.first().map_or(0, |group| group.pending)
    }

    pub(crate) async fn consumers(&self) -> Vec<String> {
        let mut ask = redis::cmd("XINFO");
        ask.arg("CONSUMERS").arg(STREAM).arg("ninja");
        let found = ask.query_async(&mut self.look().await).await;
        let found: StreamInfoConsumersReply = found.unwrap_or_default();
        found.consumers.into_iter().map(|consumer| consumer.name).collect()
    }

    pub(crate) async fn is_empty(&self) -> bool {
        self.entries().await == 0 && self.pending().await == 0
    }

    pub(crate) fn worker(&self, permits: usize) -> Worker {
        Worker::start(&self.queue, permits)
    }
}

pub(crate) fn queue_at(url: &str) -> Queue {
    let config = RedisConfig {
        url: url.to_owned().into(),
        password: None,
        prefix: "ninja".to_owned(),
        response_seconds: Seconds::parse("5").unwrap(),
    };
    Queue::open(&config, TaskTracker::new()).unwrap()
}

pub(crate) fn posting() -> Posting {
    Posting { pool: POOL, job_id: JobId::new(), kind: JobKind::RunStep }
}

/// Waits until `holds` does.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let waiting = async {
        while !holds().await {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// A process that serves one pool. Each delivery goes to the test, which acknowledges and drops it as it likes.
pub(crate) struct Worker {
    pub(crate) id: WorkerId,
    pub(crate) reading: watch::Sender<bool>,
    pub(crate) stop: CancellationToken,
    pub(crate) owed: Arc<Owed>,
    pub(crate) pulse: Pulse,
    deliveries: mpsc::UnboundedReceiver<Given>,
    served: JoinHandle<()>,
}

/// One delivery in the hands of the test; the handler returns when this is dropped.
pub(crate) struct Given {
    pub(crate) delivery: Delivery,
    _done: oneshot::Sender<()>,
}

impl Given {
    pub(crate) fn job(&self) -> JobId {
        self.delivery.job.job_id
    }

    pub(crate) fn acknowledge(mut self) -> JobId {
        self.delivery.held.acknowledge();
        self.job()
    }
}

impl Worker {
    fn start(queue: &Queue, permits: usize) -> Self {
        let (sender, deliveries) = mpsc::unbounded_channel();
        Self::serve(queue, permits, Show(sender), deliveries)
    }

    /// One whose handler is none of the test's.
    pub(crate) fn with(queue: &Queue, permits: usize, handler: impl Handler) -> Self {
        Self::serve(queue, permits, handler, mpsc::unbounded_channel().1)
    }

    fn serve(
        queue: &Queue,
        permits: usize,
        handler: impl Handler,
        deliveries: mpsc::UnboundedReceiver<Given>,
    ) -> Self {
        let id = WorkerId::new();
        let (reading, readings) = watch::channel(true);
        let (stop, pulse) = (CancellationToken::new(), Pulse::new());
        let serving = Serving {
            pools: vec![POOL],
            permits: Arc::new(Semaphore::new(permits)),
            consumer: watch::channel(id).1,
            reading: readings,
            pulse: pulse.clone(),
            poll_every: Duration::from_secs(2),
            claim_idle: Duration::from_secs(10),
            stop: stop.clone(),
        };
        let owed = Arc::new(Owed::default());
        let (queue, fallback) = (queue.clone(), Arc::clone(&owed));
        let served = TaskTracker::new()
            .spawn(async move { queue.serve(serving, Arc::new(handler), fallback).await });
        Self { id, reading, stop, owed, pulse, deliveries, served }
    }

    /// The next delivery.
    pub(crate) async fn next(&mut self) -> Given {
        let next = tokio::time::timeout(PATIENCE, self.deliveries.recv()).await;
        next.expect("nothing was delivered").expect("nobody serves")
    }

    /// Whether something was delivered that the test did not take.
    pub(crate) fn has_more(&mut self) -> bool {
        self.deliveries.try_recv().is_ok()
    }

    pub(crate) fn is_served(&self) -> bool {
        self.served.is_finished()
    }

    /// Waits until `serve` has returned.
    pub(crate) async fn served(self) {
        tokio::time::timeout(PATIENCE, self.served).await.expect("the stop took too long").unwrap();
    }
}

struct Show(mpsc::UnboundedSender<Given>);

#[async_trait]
impl Handler for Show {
    async fn handle(&self, delivery: Delivery) {
        let (done, waiting) = oneshot::channel();
        if self.0.send(Given { delivery, _done: done }).is_ok() {
            drop(waiting.await);
        }
    }
}

/// What PostgreSQL would say is owed.
#[derive(Default)]
pub(crate) struct Owed {
    jobs: std::sync::Mutex<Vec<JobRef>>,
    asked: AtomicUsize,
}

impl Owed {
    pub(crate) fn add(&self, job: Posting) {
        self.jobs.lock().unwrap().push(JobRef { job_id: job.job_id, kind: job.kind });
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Fallback for Owed {
    async fn ready(&self, _: Pool, limit: usize) -> Result<Vec<JobRef>, Unavailable> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut jobs = self.jobs.lock().unwrap();
        let some = limit.min(jobs.len());
        Ok(jobs.drain(..some).collect())
    }
}
