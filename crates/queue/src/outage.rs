use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::time::Instant;

use crate::Unavailable;
use crate::backoff::about;
use crate::fetch::Fetch;
use crate::names::GROUP;

impl Fetch {
    /// Comes back with a connection on which the group exists, or with `None` at the stop. After a loss PostgreSQL
    /// is asked at once, and again and again until Redis is back: what was rung for meanwhile was not heard.
    pub(crate) async fn connected(
        &mut self,
        lost: Option<Unavailable>,
    ) -> Option<MultiplexedConnection> {
        let mut ask_at = None;
        if let Some(error) = lost {
            self.log_loss(&error);
            ask_at = Some(Instant::now());
        }
        let mut try_at = Instant::now() + ask_at.map_or(Duration::ZERO, |_| self.backoff.next());
        loop {
            self.serving.pulse.beat();
            let wake = ask_at.map_or(try_at, |ask_at| ask_at.min(try_at));
            tokio::select! {
                biased;
                () = self.serving.stop.cancelled() => return None,
                () = tokio::time::sleep_until(wake) => {}
            }
            if ask_at.is_some_and(|at| at <= Instant::now()) {
                self.ask_fallback().await;
                ask_at = Some(Instant::now() + about(self.serving.poll_every));
            }
            if try_at <= Instant::now() {
                match self.connect().await {
                    Ok(connection) => {
                        if self.queue.found() {
                            tracing::info!("Redis answers again");
                        }
                        return Some(connection);
                    }
                    Err(error) => {
                        self.log_loss(&error);
                        ask_at = ask_at.or_else(|| Some(Instant::now()));
                        try_at = Instant::now() + self.backoff.next();
                    }
                }
            }
        }
    }

    /// From `0`, never from `$`: what waits on the stream when the group is made is owed too.
    async fn connect(&self) -> Result<MultiplexedConnection, Unavailable> {
        let mut redis = self.queue.connect_for_reads().await?;
        let mut create = redis::cmd("XGROUP");
        create.arg("CREATE").arg(&self.stream).arg(GROUP).arg("0").arg("MKSTREAM");
        match create.query_async::<()>(&mut redis).await {
            Err(error) if error.code() != Some("BUSYGROUP") => Err(error.into()),
            _ => Ok(redis),
        }
    }

    /// Runs released jobs that PostgreSQL names, as far as permits are free.
    async fn ask_fallback(&self) {
        let free = self.serving.permits.available_permits();
        if free == 0 || !*self.serving.reading.borrow() {
            return;
        }
        let jobs = match self.fallback.ready(self.pool, free).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::debug!(pool = %self.pool, %error, "nobody knows what is owed: asking again");
                return;
            }
        };
        for job in jobs {
            let Ok(permit) = Arc::clone(&self.serving.permits).try_acquire_owned() else { return };
            self.hand_over(job, None, permit).await;
        }
    }

    fn log_loss(&self, error: &Unavailable) {
        if self.queue.lost() {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(
                cause,
                "connection to Redis lost: PostgreSQL is asked for work until it is back"
            );
        }
    }
}
