use ninja_db::DbResult;
use ninja_types::Pool;

use crate::app::App;

/// What a job can be; every pool has a gauge of each, so that an absent row reads as 0.
const STATES: [&str; 5] = ["waiting", "delayed", "ready", "leased", "dead"];

/// Brings the gauges up to date that are read from elsewhere when somebody asks.
pub(crate) async fn refresh(app: &App) {
    app.health.look(app).await;
    let pool = app.db.state();
    let counted = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    let lent = pool.open.saturating_sub(pool.idle);
    for (state, count) in [("idle", pool.idle), ("lent", lent), ("waiting", pool.waiting)] {
        metrics::gauge!("ninja_db_connections", "state" => state).set(counted(count));
    }
    if let Err(error) = refresh_queues(app).await {
        tracing::debug!(%error, "the queue gauges keep their last values");
    }
}

/// Jobs by pool and state, from their rows: right without Redis and without any worker.
async fn refresh_queues(app: &App) -> DbResult<()> {
    let depths = ninja_db::jobs::depth(&mut *app.db.conn().await?).await?;
    for pool in Pool::ALL {
        let mut oldest = 0.0;
        for state in STATES {
            let depth = depths.iter().find(|row| row.pool == pool.as_str() && row.state == state);
            let jobs = depth.and_then(|row| u32::try_from(row.jobs).ok()).unwrap_or(0);
            metrics::gauge!("ninja_jobs", "pool" => pool.as_str(), "state" => state)
                .set(f64::from(jobs));
            if state == "ready" {
                oldest = depth.map_or(0.0, |row| row.oldest_seconds);
            }
        }
        metrics::gauge!("ninja_job_oldest_ready_seconds", "pool" => pool.as_str()).set(oldest);
    }
    Ok(())
}
