use crate::app::App;

/// Brings the gauges up to date that are read from elsewhere when somebody asks.
pub(crate) async fn refresh(app: &App) {
    app.health.look(app).await;
    let pool = app.db.state();
    let counted = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    let lent = pool.open.saturating_sub(pool.idle);
    for (state, count) in [("idle", pool.idle), ("lent", lent), ("waiting", pool.waiting)] {
        metrics::gauge!("ninja_db_connections", "state" => state).set(counted(count));
    }
}
