//! What each kind of job does, one file per kind. An attempt is claimed before and settled after, in `attempt.rs`: a
//! kind does the work, and nothing about retry, dead letters or acknowledgement.

mod run_step;

use ninja_agents::{RecordError, StepError};
use ninja_db::steps::StepDone;
use ninja_db::{DbError, Lease};
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
