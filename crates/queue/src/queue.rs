use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ninja_config::RedisConfig;
use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, FromRedisValue};
use secrecy::ExposeSecret;
use tokio_util::task::TaskTracker;

use crate::names::Names;
use crate::{QueueError, Unavailable};

const CONNECT: Duration = Duration::from_secs(2);
/// How long a blocking read waits in the server; also how long a stop may wait for it.
pub(crate) const BLOCK: Duration = Duration::from_secs(1);
/// Nobody waits longer than this for something that is only a bell.
pub(crate) const BEST_EFFORT: Duration = Duration::from_millis(500);

/// The way to Redis. Cheap to clone, and open even while Redis is away: it connects at the first use, and again
/// whenever a connection broke.
#[derive(Clone)]
pub struct Queue(Arc<Inner>);

struct Inner {
    client: Client,
    shared: ConnectionManager,
    names: Names,
    response: Duration,
    tracker: TaskTracker,
    /// Whether the last attempt to reach Redis failed, so that an outage is logged once for all pools.
    away: AtomicBool,
}

impl Queue {
    /// Opens the queue. What it rings without being waited for runs on `tracker`, the process's own. Asks for a
    /// tokio runtime around it.
    pub fn open(config: &RedisConfig, tracker: TaskTracker) -> Result<Self, QueueError> {
        let client =
            Client::open(config.full_url().expose_secret()).map_err(QueueError::Address)?;
        let response = config.response_seconds.duration();
        // Without retries of its own: whoever asks decides whether to ask again.
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(response));
        let shared = ConnectionManager::new_lazy_with_config(client.clone(), settings)
            .map_err(QueueError::Address)?;
        let names = Names::new(&config.prefix);
        let away = AtomicBool::new(false);
        Ok(Self(Arc::new(Inner { client, shared, names, response, tracker, away })))
    }

    /// Does Redis answer? The product works without it, only slower.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        self.within(CONNECT, async {
            redis::cmd("PING").query_async(&mut self.shared()).await.map(|_: String| ())
        })
        .await
    }

    pub(crate) fn names(&self) -> &Names {
        &self.0.names
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    /// The connection that all short commands share. Nothing on it may block.
    pub(crate) fn shared(&self) -> ConnectionManager {
        self.0.shared.clone()
    }

    /// Longest wait for the answer to one command.
    pub(crate) fn response(&self) -> Duration {
        self.0.response
    }

    /// A connection for blocking reads: whoever else used it would wait behind them.
    pub(crate) async fn connect_for_reads(&self) -> Result<MultiplexedConnection, Unavailable> {
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(self.0.response + BLOCK));
        Ok(self.0.client.get_multiplexed_async_connection_with_config(&settings).await?)
    }

    /// Runs `work` beside the caller, who does not wait for it.
    pub(crate) fn detach(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.tracker.spawn(work);
    }

    /// Runs `work`, at most for `limit`.
    pub(crate) async fn within<T: FromRedisValue>(
        &self,
        limit: Duration,
        work: impl Future<Output = redis::RedisResult<T>>,
    ) -> Result<T, Unavailable> {
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => Ok(answer?),
            Err(_elapsed) => Err(Unavailable::late()),
        }
    }

    /// Notes that Redis is away; true for the first who sees it.
    pub(crate) fn lost(&self) -> bool {
        metrics::gauge!("ninja_redis_up").set(0.0);
        !self.0.away.swap(true, Ordering::Relaxed)
    }

    /// Notes that Redis answers; true for the first who sees it after an outage.
    pub(crate) fn found(&self) -> bool {
        metrics::gauge!("ninja_redis_up").set(1.0);
        self.0.away.swap(false, Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("names", &self.0.names).finish_non_exhaustive()
    }
}
