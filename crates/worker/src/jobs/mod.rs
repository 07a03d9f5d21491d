//! What each kind of job does, one file per kind. An attempt is claimed before and settled after, in `attempt.rs`: a
//! kind does the work, and nothing about retry, dead letters or acknowledgement.

mod run_step;
mod test_provider;

use ninja_agents::{RecordError, StepError};
use ninja_db::jobs::Errand;
use ninja_db::steps::StepDone;
use ninja_db::{DbError, DbResult, Lease};
use ninja_types::JobKind;

use crate::running::Stop;
use crate::worker::Worker;

/// Does the work of the job that `lease` proves to be ours.
pub(crate) async fn run(
    worker: &Worker,
    lease: &Lease,
    stop: &Stop,
) -> Result<StepDone, StepError> {
    match lease.kind {
        JobKind::RunStep => run_step::run(worker, lease, stop).await,
        // Claimed as an errand, never with a step's lease.
        JobKind::TestProvider => Err(StepError::Record(RecordError::Lost)),
    }
}

/// Does the work of a job that is no step's.
pub(crate) async fn run_errand(worker: &Worker, errand: &Errand) -> DbResult<()> {
    match errand.kind {
        JobKind::TestProvider => test_provider::run(worker, errand).await,
        // Claimed with a step's lease, never as an errand.
        JobKind::RunStep => Err(DbError::Fenced),
    }
}

/// Ends a job that is no step's and did not come to an end by itself.
pub(crate) async fn give_up_errand(worker: &Worker, errand: &Errand) -> DbResult<()> {
    match errand.kind {
        JobKind::TestProvider => test_provider::give_up(worker, errand).await,
        JobKind::RunStep => Err(DbError::Fenced),
    }
}

/// What a failed question to PostgreSQL means for an attempt.
pub(crate) fn record_error(error: DbError) -> RecordError {
    match error {
        DbError::Fenced => RecordError::Lost,
        error if crate::attempt::is_passing(&error) => RecordError::Unavailable(Box::new(error)),
        error => RecordError::Broken(Box::new(error)),
    }
}
