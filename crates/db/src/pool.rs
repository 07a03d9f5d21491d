use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{DbError, DbResult};

/// A connection lent by the pool; pass it on as `&mut *conn`.
pub type Conn = Object<AsyncPgConnection>;

/// How to connect. Times are limits of the server (`statement`, `lock`) and of this process (`acquire`).
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// `postgres://user:password@host:port/database`, `sslmode=require` for TLS.
    pub url: SecretString,
    /// Connections at most.
    pub pool_size: usize,
    /// Wait for a free connection.
    pub acquire: Duration,
    /// `statement_timeout` of each session.
    pub statement: Duration,
    /// `lock_timeout` of each session.
    pub lock: Duration,
    /// `application_name`, for those who look at `pg_stat_activity`.
    pub name: &'static str,
}

/// The pool of a process.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    acquire: Duration,
}

/// How the pool stands.
#[derive(Clone, Copy, Debug)]
pub struct PoolState {
    /// Open connections.
    pub open: usize,
    /// Of these, lent to nobody.
    pub idle: usize,
    /// Callers that wait for one.
    pub waiting: usize,
}

impl Db {
    /// Makes the pool; connections are opened when first needed, so this succeeds while PostgreSQL is away.
    pub fn new(options: &ConnectOptions) -> DbResult<Self> {
        let mut manager = ManagerConfig::default();
        let how = options.clone();
        manager.custom_setup = Box::new(move |_url| {
            let how = how.clone();
            async move { establish(&how).await }.boxed()
        });
        // A broken connection is seen by its next query; asking first would cost every checkout a round trip.
        manager.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config("", manager);
        let pool = Pool::builder(manager)
            .max_size(options.pool_size)
            .build()
            .map_err(|error| DbError::Unavailable(error.into()))?;
        Ok(Self { pool, acquire: options.acquire })
    }

    /// Lends a connection, or says `Overloaded` when none became free in time.
    pub async fn conn(&self) -> DbResult<Conn> {
        match tokio::time::timeout(self.acquire, self.pool.get()).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(PoolError::Timeout(_))) => Err(DbError::Overloaded),
            Ok(Err(error)) => Err(DbError::Unavailable(error.into())),
            // All lent: overloaded. None open: PostgreSQL does not answer.
            Err(_elapsed) if self.state().open > 0 => Err(DbError::Overloaded),
            Err(elapsed) => Err(DbError::Unavailable(elapsed.into())),
        }
    }

    /// Asks PostgreSQL for a sign of life.
    pub async fn ping(&self) -> DbResult<()> {
        let mut conn = self.conn().await?;
        diesel::sql_query("SELECT 1").execute(&mut *conn).await?;
        Ok(())
    }

    /// How the pool stands.
    pub fn state(&self) -> PoolState {
        let status = self.pool.status();
        PoolState { open: status.size, idle: status.available, waiting: status.waiting }
    }
}

/// A connection outside every pool: for the heartbeat and for the sweeper, whose lock hangs on the session.
pub async fn connect_one(options: &ConnectOptions) -> DbResult<AsyncPgConnection> {
    let connecting = tokio::time::timeout(options.acquire, establish(options));
    match connecting.await {
        Ok(Ok(conn)) => Ok(conn),
        Ok(Err(error)) => Err(DbError::Unavailable(error.into())),
        Err(elapsed) => Err(DbError::Unavailable(elapsed.into())),
    }
}

async fn establish(options: &ConnectOptions) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(full(&error));
    let mut config: tokio_postgres::Config =
        options.url.expose_secret().parse().map_err(|error: tokio_postgres::Error| {
            ConnectionError::InvalidConnectionUrl(full(&error))
        })?;
    config
        .application_name(options.name)
        .connect_timeout(options.acquire)
        .keepalives_idle(Duration::from_secs(10))
        .keepalives_interval(Duration::from_secs(3))
        .keepalives_retries(3)
        .options(session(options));
    if config.get_ssl_mode() == SslMode::Prefer {
        // The library's default. It would fail on a server with a certificate of its own making, and a connection that
        // may or may not be encrypted promises nothing: TLS is asked for by name.
        config.ssl_mode(SslMode::Disable);
    }
    let tls = MakeRustlsConnect::new(tls_config());
    let (client, connection) = config.connect(tls).await.map_err(bad)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

/// English messages, because failures of the connection are told from them.
fn session(options: &ConnectOptions) -> String {
    format!(
        "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout=10000 -c lc_messages=C",
        options.statement.as_millis(),
        options.lock.as_millis()
    )
}

fn tls_config() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

/// An error with its causes, as tokio-postgres says only "db error" by itself.
fn full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
