use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use ninja_db::jobs::{self, Errand};
use ninja_db::{DbError, DbResult};

use crate::backoff::pause;
use crate::running::Place;
use crate::worker::Worker;

/// How long an errand may take. It asks others, who may be silent.
const LIMIT: Duration = Duration::from_mins(2);

impl Worker {
    /// A job that is no step's: done here and now, or handed to another worker.
    pub(crate) async fn run_errand(&self, errand: &Errand, place: Place) {
        let began = Instant::now();
        let outcome = tokio::select! {
            done = AssertUnwindSafe(crate::jobs::run_errand(self, errand)).catch_unwind() => match done {
                Ok(done) => told(errand, &done),
                Err(_panic) => {
                    tracing::error!(job_id = %errand.job, "the code of an errand panicked");
                    self.give_up_errand(errand).await
                }
            },
            () = place.stop().token().cancelled() => "handed_back",
            () = pause(LIMIT) => self.give_up_errand(errand).await,
        };
        metrics::histogram!("ninja_job_seconds", "kind" => errand.kind.as_str(), "outcome" => outcome)
            .record(began.elapsed().as_secs_f64());
        if outcome != "handed_back" {
            return;
        }
        let give =
            || async { jobs::give_back_errand(&mut *self.conn().await?, errand).await }.boxed();
        let back = self.until_decided(give).await;
        drop(place); // before its push: a message that comes at once must not look like a doubled one
        match back {
            Ok(push) => self.push(&[push]),
            Err(error) => {
                tracing::debug!(job_id = %errand.job, %error, "an errand was not handed back");
            }
        }
    }
}

impl Worker {
    async fn give_up_errand(&self, errand: &Errand) -> &'static str {
        let given_up = || crate::jobs::give_up_errand(self, errand).boxed();
        match self.until_decided(given_up).await {
            Ok(()) => "given_up",
            done => told(errand, &done),
        }
    }
}

fn told(errand: &Errand, done: &DbResult<()>) -> &'static str {
    match done {
        Ok(()) => "done",
        Err(DbError::Fenced) => "fenced",
        Err(error) => {
            tracing::warn!(job_id = %errand.job, %error, "an errand was not stored");
            "handed_back"
        }
    }
}
