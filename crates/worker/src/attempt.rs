use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::FutureExt;
use ninja_agents::{RecordError, StepError};
use ninja_db::jobs::{Claim, ClaimAs, Errand};
use ninja_db::steps::StepDone;
use ninja_db::{DbError, Lease, jobs, workers};
use ninja_queue::{Delivery, Handler};
use ninja_types::{Failure, FailureCode, JobId};

use crate::alone::Turn;
use crate::backoff::{before_query, pause};
use crate::running::{Place, Stop, Why};
use crate::settle::Ended;
use crate::worker::Worker;

/// How long a claimed job may wait for its turn before it is handed back for another worker.
const TURN: Duration = Duration::from_secs(10);
/// How long one handler may go on with successors, before other users' jobs get its permit.
const CHAIN: Duration = Duration::from_secs(1);

/// Runs the jobs that the queue delivers.
pub(crate) struct Attempts(pub(crate) Arc<Worker>);

#[async_trait]
impl Handler for Attempts {
    async fn handle(&self, delivery: Delivery) {
        self.0.attempt(delivery).await;
    }
}

impl Worker {
    /// One delivery: claim, acknowledge, run, settle, and on to the successor if it was claimed with the finish.
    async fn attempt(&self, delivery: Delivery) {
        let job = delivery.job.job_id;
        let mut held = delivery.held;
        if self.draining.is_cancelled() || !self.life.is_leased() {
            held.give_back();
            return;
        }
        let Some(place) = self.running.enter(job) else {
            held.acknowledge(); // a doubled message: the job is here already
            return;
        };
        let turn = self.alone.try_beside();
        match self.claim(job, turn.is_some()).await {
            Decision::Taken(lease) => {
                held.acknowledge();
                place.hold(lease.epoch);
                self.run_chain(lease, place, turn).await;
            }
            Decision::Errand(errand) => {
                held.acknowledge();
                place.hold(errand.epoch);
                self.run_errand(&errand, place).await;
            }
            Decision::Gone => held.acknowledge(),
            Decision::Undecided => {
                drop(place); // before its message can come again
                held.give_back();
            }
        }
    }

    /// Asks until PostgreSQL answers. If an answer was lost, the row is ours and the next claim gets none: the renewal
    /// finds it and hands it back.
    async fn claim(&self, job: JobId, reading: bool) -> Decision {
        let mut failures = 0;
        loop {
            let worker = self.life.id();
            let limit = self.deadline();
            let patience = self.settings.worker.wait_seconds.duration();
            let ask = ClaimAs { job, worker, reading, limit, patience };
            let claimed = async { jobs::claim(&mut *self.conn().await?, &ask).await };
            match claimed.await {
                Ok(Claim::Taken(lease, notice)) => {
                    self.notify(&notice);
                    return Decision::Taken(*lease);
                }
                Ok(Claim::Ended(settled)) => {
                    self.announce(&settled).await;
                    return Decision::Gone;
                }
                Ok(Claim::Errand(errand)) => return Decision::Errand(errand),
                Ok(Claim::Gone) => return Decision::Gone,
                Err(error) if !is_passing(&error) => {
                    let cause: &dyn std::error::Error = &error;
                    tracing::error!(job_id = %job, error = cause, "a job cannot be claimed");
                    return Decision::Gone;
                }
                Err(error) => {
                    tracing::debug!(job_id = %job, %error, "claim undecided, asking again");
                }
            }
            if self.draining.is_cancelled() || !self.life.is_leased() {
                return Decision::Undecided;
            }
            pause(before_query(failures)).await;
            failures += 1;
        }
    }

    /// The job, then the successors that its finish claimed.
    async fn run_chain(&self, lease: Lease, place: Place, turn: Option<Turn>) {
        let until = Instant::now() + CHAIN;
        let (mut lease, mut place) = (lease, place);
        let Some(mut turn) = self.turn(&lease, &place, turn).await else { return };
        loop {
            let began = Instant::now();
            let ended = self.run_step(&lease, place.stop()).await;
            metrics::histogram!("ninja_job_seconds", "kind" => lease.kind.as_str(), "outcome" => ended.name())
                .record(began.elapsed().as_secs_f64());
            let may_go_on = Instant::now() < until && !turn.is_alone();
            let Some(next) = self.settle(&lease, place, ended, may_go_on).await else { return };
            let Some(entered) = self.running.enter(next.job) else { return };
            entered.hold(next.epoch);
            (lease, place) = (next, entered);
            turn = match self.turn(&lease, &place, Some(turn)).await {
                Some(turn) => turn,
                None => return,
            };
        }
    }

    /// Waits until the job may run, and says so in its row. `None`: it was handed back, or is another's by now.
    async fn turn(&self, lease: &Lease, place: &Place, turn: Option<Turn>) -> Option<Turn> {
        if lease.started {
            return turn;
        }
        drop(turn); // to wait for an alone run while holding a turn beside it would be for ever
        let waiting = async {
            if lease.crashes > 0 { self.alone.alone().await } else { self.alone.beside().await }
        };
        tokio::pin!(waiting);
        let turn = loop {
            tokio::select! {
                turn = &mut waiting => break turn,
                () = place.stop().token().cancelled() => {
                    self.give_back_unstarted(lease, place.stop()).await;
                    return None;
                }
                () = pause(TURN) => if self.has_twin(lease).await {
                    self.give_back_unstarted(lease, place.stop()).await;
                    return None;
                },
            }
        };
        let start = || async { jobs::start(&mut *self.conn().await?, lease).await }.boxed();
        if matches!(self.until_decided(start).await, Ok(true)) {
            return Some(turn);
        }
        tracing::warn!(job_id = %lease.job, epoch = lease.epoch, "lease lost before the start, dropping the job");
        None
    }

    /// Whether another live worker serves the job's pool.
    async fn has_twin(&self, lease: &Lease) -> bool {
        let alive = async { workers::alive(&mut *self.conn().await?).await };
        alive.await.is_ok_and(|alive| {
            alive.iter().any(|worker| {
                worker.id != lease.worker.0
                    && worker.pools.iter().any(|pool| pool == lease.pool.as_str())
            })
        })
    }

    /// The work itself. A panic ends the attempt, not the process.
    async fn run_step(&self, lease: &Lease, stop: &Stop) -> Ended {
        let limit = self.settings.worker.step_seconds.duration();
        let work = AssertUnwindSafe(crate::jobs::run(self, lease, stop)).catch_unwind();
        tokio::pin!(work);
        let ended = tokio::select! {
            ended = &mut work => ended,
            () = pause(limit) => {
                stop.now(Why::Late);
                work.await
            }
        };
        match ended {
            Ok(ended) => self.classify(lease, stop, ended),
            Err(_panic) => {
                tracing::error!(job_id = %lease.job, epoch = lease.epoch, "a step's code panicked");
                Ended::Failed(internal())
            }
        }
    }

    fn classify(&self, lease: &Lease, stop: &Stop, ended: Result<StepDone, StepError>) -> Ended {
        match ended {
            Ok(done) => Ended::Done(Box::new(done)),
            Err(StepError::Retry { after, failure }) => Ended::Retry { after, failure },
            Err(StepError::Unavailable { after, failure }) => Ended::Resting { after, failure },
            Err(StepError::Fail(failure)) => Ended::Failed(failure),
            Err(StepError::Stopped) => match stop.why() {
                Some(Why::Late) => Ended::Retry { after: None, failure: self.too_long() },
                Some(why) => Ended::Stopped(why),
                None => Ended::Stopped(Why::Drained),
            },
            Err(StepError::Record(RecordError::Lost)) => Ended::Lost,
            Err(StepError::Record(RecordError::Over)) => Ended::Settled,
            Err(StepError::Record(RecordError::Unavailable(error))) => {
                tracing::warn!(job_id = %lease.job, %error, "the journal cannot be written: handing back");
                Ended::Unavailable
            }
            Err(StepError::Record(RecordError::Broken(error))) => {
                tracing::error!(job_id = %lease.job, error = &*error, "the journal refused a row");
                Ended::Failed(internal())
            }
        }
    }

    fn too_long(&self) -> Failure {
        let limit = self.settings.worker.step_seconds.duration().as_secs_f64();
        let message = format!("The step took longer than {limit} seconds, each time it was tried.");
        Failure::new(FailureCode::AttemptsExhausted, message)
    }
}

enum Decision {
    Taken(Lease),
    /// It is no step's.
    Errand(Errand),
    /// No row: it is done, held, not due, or needs what this worker lacks.
    Gone,
    /// This process ends, or lost its lease, before PostgreSQL answered.
    Undecided,
}

/// Whether the same question may get an answer later.
pub(crate) fn is_passing(error: &DbError) -> bool {
    matches!(
        error,
        DbError::Unavailable(_) | DbError::Overloaded | DbError::LockTimeout | DbError::Conflict(_)
    )
}

fn internal() -> Failure {
    Failure::new(FailureCode::Internal, "This is our fault; the worker's log has the cause.")
}
