use std::sync::Arc;

use ninja_agents::Catalogue;
use ninja_config::Config;
use ninja_db::audit::{self, Act};
use ninja_db::sealed::Sealer;
use ninja_db::tasks::Changed;
use ninja_db::{Conn, ConnectOptions, Db, DbError, Notice, Push};
use ninja_files::Store;
use ninja_llm::{PriceError, PriceTable};
use ninja_queue::{Posting, Queue};
use ninja_types::{Clock, UserId};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::health::Health;
use crate::hub::{Hub, Seats};
use crate::limits::Limits;
use crate::password::Passwords;
use crate::registry::{BadRoute, Registry};
use crate::sessions::Sessions;
use crate::tokens::Tokens;

/// What every request of the process shares. It holds no state of a user but what is 5 seconds old at most.
pub struct App {
    /// The settings.
    pub config: Arc<Config>,
    /// PostgreSQL.
    pub db: Db,
    /// Redis.
    pub queue: Queue,
    /// The bytes of uploads and artifacts.
    pub files: Store,
    /// The time.
    pub clock: Clock,
    /// Tasks of this process; awaited at the end.
    pub tracker: TaskTracker,
    /// Fires when the process begins to drain: not ready any more, but still serving.
    pub draining: CancellationToken,
    /// Fires when open streams must end.
    pub closing: CancellationToken,
    /// Seals the secrets that are stored, and cannot open them.
    pub sealer: Sealer,
    /// What models cost and can do.
    pub prices: PriceTable,
    /// What can be asked for.
    pub agents: Catalogue,
    pub(crate) hub: Hub,
    pub(crate) seats: Seats,
    pub(crate) registry: Registry,
    pub(crate) tokens: Tokens,
    pub(crate) sessions: Sessions,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Limits,
    pub(crate) health: Health,
    pub(crate) metrics: metrics_exporter_prometheus::PrometheusHandle,
}

/// Why a process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A route is described wrongly: a mistake in this binary.
    #[error("a route is described wrongly")]
    Route(#[from] BadRoute),
    /// The settings of Redis cannot be used.
    #[error("NINJA_REDIS__URL cannot be used")]
    Queue(#[source] ninja_queue::QueueError),
    /// The settings of PostgreSQL cannot be used.
    #[error("NINJA_DATABASE__URL cannot be used")]
    Db(#[source] DbError),
    /// The master keys are not those of before.
    #[error("secrets cannot be stored")]
    MasterKeys(#[source] DbError),
    /// The prices of models cannot be read.
    #[error("NINJA_LLM__PRICES_FILE cannot be used")]
    Prices(#[source] PriceError),
    /// The file store cannot be opened.
    #[error("NINJA_FILES__* cannot be used")]
    Files(#[source] ninja_files::FilesError),
    /// The metrics are set up twice in one process.
    #[error("the metrics cannot be set up")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// A file that the settings name cannot be read.
    #[error("{0} cannot be read")]
    File(String, #[source] std::io::Error),
    /// The password machinery does not work.
    #[error("passwords cannot be hashed")]
    Passwords(#[source] bcrypt::BcryptError),
    /// The address is taken, or is not ours.
    #[error("cannot listen on {0}")]
    Bind(std::net::SocketAddr, #[source] std::io::Error),
}

impl App {
    /// Puts the process together. Nothing is connected yet: it starts while PostgreSQL and Redis are away.
    pub fn new(config: Config, clock: Clock) -> Result<Self, StartError> {
        let tracker = TaskTracker::new();
        let queue = Queue::open(&config.redis, tracker.clone()).map_err(StartError::Queue)?;
        let db = Db::new(&connect_options(&config)).map_err(StartError::Db)?;
        let files = Store::open_blocking(&config.files).map_err(StartError::Files)?;
        let keys = config.secrets.master_keys.iter();
        let closing = CancellationToken::new();
        let healing = config.server.healing_seconds.duration();
        let hub = Hub::open(db.clone(), &queue, healing, &tracker, closing.clone());
        let sessions = Sessions::new(queue.clone());
        tracker.spawn(sessions.clone().listen(hub.hear(), closing.clone()));
        Ok(Self {
            files,
            prices: PriceTable::load(&config.llm.calls).map_err(StartError::Prices)?,
            sealer: Sealer::new(keys.map(|key| (key.id(), key.expose()))),
            agents: Catalogue::new(config.drill.enabled),
            hub,
            seats: Seats::default(),
            registry: Registry::new(&crate::openapi())?,
            tokens: Tokens::new(&config.auth),
            sessions,
            passwords: Passwords::new(&config.auth)?,
            limits: Limits::default(),
            health: Health::default(),
            metrics: crate::metrics::install()?,
            config: Arc::new(config),
            draining: CancellationToken::new(),
            closing,
            db,
            queue,
            clock,
            tracker,
        })
    }

    /// Refuses master keys that are not those of this installation. While PostgreSQL is away nobody knows: the key that
    /// seals is then checked with what it seals.
    pub async fn check_keys(&self) -> Result<(), StartError> {
        let checked = async { self.sealer.check(&mut *self.db.conn().await?).await };
        match checked.await {
            Err(error @ DbError::Sealed(_)) => Err(StartError::MasterKeys(error)),
            Err(error) => {
                tracing::warn!(%error, "the master keys cannot be checked now");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// A connection from the pool. Hold it for queries only, never across anything slow.
    pub async fn conn(&self) -> ApiResult<Conn> {
        Ok(self.db.conn().await?)
    }

    /// Rings for released jobs, after the commit. Best effort: their rows are the promise.
    pub fn push(&self, pushes: &[Push]) {
        self.queue.push(pushes.iter().map(|push| Posting {
            pool: push.pool,
            job_id: push.job,
            kind: push.kind,
        }));
    }

    /// Tells those who watch a task that it has new events, after the commit.
    pub fn notify(&self, notice: &Notice) {
        self.queue.notify(notice.user, notice.task, notice.seq);
    }

    /// Both, after a commit that changed a task's course.
    pub(crate) fn tell(&self, changed: &Changed) {
        self.push(&changed.pushes);
        self.notify(&changed.notice);
    }

    /// Leaves an audit row if an administrator looks at what belongs to somebody else.
    pub(crate) async fn witness<P>(
        &self,
        caller: &Caller<P>,
        owner: UserId,
        kind: &'static str,
        id: Uuid,
    ) -> ApiResult<()> {
        if caller.id == owner {
            return Ok(());
        }
        let act = Act::done(caller.id, "admin.access", caller.from.clone()).to(kind, id);
        audit::record(&mut *self.conn().await?, &act).await.map_err(ApiError::from)
    }
}

fn connect_options(config: &Config) -> ConnectOptions {
    ConnectOptions {
        url: config.database.full_url(),
        pool_size: config.database.pool_size.unwrap_or(16),
        acquire: config.database.acquire_seconds.duration(),
        statement: std::time::Duration::from_secs(5),
        lock: std::time::Duration::from_secs(4),
        name: "ninja-api",
    }
}
