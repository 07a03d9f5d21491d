use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ninja_db::{DbError, migrate, providers, workers};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

const FRESH: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(1);

/// How the engines were a moment ago, and whether the executor ticks.
#[derive(Default)]
pub(crate) struct Health {
    seen: Mutex<Option<(Instant, Seen)>>,
    tick: Arc<Mutex<Option<Instant>>>,
    asking: tokio::sync::Mutex<()>,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub database: Database,
    pub redis: bool,
    pub workers: usize,
    pub providers: usize,
}

/// How PostgreSQL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Database {
    /// It answers and has the schema that this version knows.
    Ok,
    /// It answers; `ninjactl migrate` has not run.
    OldSchema,
    /// It does not answer.
    Down,
}

impl Health {
    /// How the engines are, asked at most once a second however many ask.
    pub(crate) async fn look(&self, app: &App) -> Seen {
        if let Some(seen) = self.fresh() {
            return seen;
        }
        let _one_at_a_time = self.asking.lock().await;
        if let Some(seen) = self.fresh() {
            return seen;
        }
        let (database, redis) = tokio::join!(database(app), redis(app));
        let (database, workers, providers) = database;
        let seen = Seen { database, redis, workers, providers };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), seen));
        metrics::gauge!("ninja_db_up").set(if database == Database::Down { 0.0 } else { 1.0 });
        metrics::gauge!("ninja_redis_up").set(if redis { 1.0 } else { 0.0 });
        seen
    }

    /// Notes every second that the executor runs, until `app` closes.
    pub(crate) fn keep_ticking(&self, app: &App) {
        let (tick, closing) = (self.tick.clone(), app.closing.clone());
        let metrics = app.metrics.clone();
        app.tracker.spawn(async move {
            let mut pulse = tokio::time::interval(Duration::from_secs(1));
            while closing.run_until_cancelled(pulse.tick()).await.is_some() {
                *tick.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                metrics.run_upkeep(); // or histograms grow for as long as nobody asks
            }
        });
    }

    /// Whether the executor ran in the last 10 seconds.
    pub(crate) fn is_alive(&self) -> bool {
        let tick = *self.tick.lock().unwrap_or_else(PoisonError::into_inner);
        tick.is_none_or(|at| at.elapsed() < Duration::from_secs(10))
    }

    fn fresh(&self) -> Option<Seen> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|(at, _)| at.elapsed() < FRESH).map(|(_, seen)| seen)
    }
}

/// Whether it answers, how many workers live, how many providers of models may be asked.
async fn database(app: &App) -> (Database, usize, usize) {
    let asked = async {
        let mut conn = app.db.conn().await?;
        let current = migrate::is_current(&mut conn).await?;
        if !current {
            return Ok((Database::OldSchema, 0, 0));
        }
        let workers = workers::alive(&mut conn).await?.len();
        let providers = providers::list(&mut conn).await?;
        let providers = providers.iter().filter(|provider| provider.enabled).count();
        Ok::<_, DbError>((Database::Ok, workers, providers))
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) | Err(_) => (Database::Down, 0, 0),
    }
}

async fn redis(app: &App) -> bool {
    tokio::time::timeout(PATIENCE, app.queue.ping()).await.is_ok_and(|ping| ping.is_ok())
}
