use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis_core::worker::builder::WorkerBuilder;
use async_trait::async_trait;
use ninja_types::{Pool, WorkerId};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backend::StreamBackend;
use crate::fetch::Fetch;
use crate::{Delivery, JobRef, Pulse, Queue, Unavailable};

/// Does the work of a job. It claims, acknowledges, runs and settles; whatever came of it is in PostgreSQL when it
/// returns, so it returns nothing.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// One job. Called at most as often at a time as there are permits.
    async fn handle(&self, delivery: Delivery);
}

/// Knows what is owed without Redis.
#[async_trait]
pub trait Fallback: Send + Sync + 'static {
    /// Released jobs of `pool`, by priority, then due time: at most `limit`. Asked only while Redis is away.
    async fn ready(&self, pool: Pool, limit: usize) -> Result<Vec<JobRef>, Unavailable>;
}

/// How a process serves.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The pools, each with one stream.
    pub pools: Vec<Pool>,
    /// One permit per job that may run at a time, over all pools.
    pub permits: Arc<Semaphore>,
    /// The worker's id; a new one after every self-fencing.
    pub consumer: watch::Receiver<WorkerId>,
    /// False while a job waits to run alone, or does: nothing new is read.
    pub reading: watch::Receiver<bool>,
    /// Beats as often as any fetch loop goes round.
    pub pulse: Pulse,
    /// How often PostgreSQL is asked while Redis is away.
    pub poll_every: Duration,
    /// How long a message may be read and undecided before another worker takes it: its reader died.
    pub claim_idle: Duration,
    /// Ends the reading. What runs is waited for.
    pub stop: CancellationToken,
}

impl Queue {
    /// Serves the pools until `stop`, then until the last handler has returned.
    pub async fn serve(
        &self,
        serving: Serving,
        handler: Arc<dyn Handler>,
        fallback: Arc<dyn Fallback>,
    ) {
        let concurrency = serving.permits.available_permits();
        let running = TaskTracker::new();
        for pool in serving.pools.clone() {
            let (sender, deliveries) = mpsc::channel(1);
            let fetch = Fetch::new(self.clone(), pool, serving.clone(), sender, fallback.clone());
            running.spawn(fetch.run());
            let backend = StreamBackend { deliveries, dry: CancellationToken::new() };
            running.spawn(work(pool, backend, concurrency, handler.clone()));
        }
        running.close();
        running.wait().await;
        let consumer = *serving.consumer.borrow();
        for pool in serving.pools {
            if let Err(error) = self.bury(pool, consumer).await {
                tracing::debug!(%pool, %error, "consumer not removed: the sweeper will do it");
            }
        }
    }
}

/// Lets apalis call the handler for everything that `backend` brings, until it is dry and the handlers are done.
async fn work(pool: Pool, backend: StreamBackend, concurrency: usize, handler: Arc<dyn Handler>) {
    let dry = backend.dry.clone();
    let worker = WorkerBuilder::new(pool.as_str())
        .backend(backend)
        .concurrency(concurrency)
        .catch_panic()
        .build(move |delivery: Delivery| {
            let handler = Arc::clone(&handler);
            async move {
                handler.handle(delivery).await;
                Ok::<(), Infallible>(())
            }
        });
    let ended = worker
        .run_with_ctx(move |context| {
            let dry = dry.clone();
            async move {
                dry.cancelled().await;
                context.stop()
            }
        })
        .await;
    if let Err(error) = ended {
        tracing::error!(%pool, %error, "the pool is no longer served");
    }
}
