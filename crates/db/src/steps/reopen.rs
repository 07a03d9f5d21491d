//! A running step becomes ready again: retry, drain, pause, takeover.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Event, FailureCode, RetryReason, StepId, Time};
use uuid::Uuid;

use crate::locked::Locked;
use crate::schema::steps;
use crate::{DbError, DbResult};

/// What the event says.
pub(crate) struct Why {
    pub(crate) reason: RetryReason,
    pub(crate) code: Option<FailureCode>,
    pub(crate) not_before: Option<Duration>,
}

/// Brings the step back to `ready`; its job is given back already.
pub(crate) async fn reopen(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    step: Uuid,
    why: Why,
) -> DbResult<()> {
    let (attempt, epoch): (i32, i64) = diesel::update(steps::table.find(step))
        .filter(steps::status.eq("running"))
        .set((steps::status.eq("ready"), steps::worker_id.eq(None::<Uuid>)))
        .returning((steps::attempt, steps::epoch))
        .get_result(c)
        .await?;
    let not_before = match why.not_before {
        None => None,
        Some(wait) => Some(Time(task.now + TimeDelta::from_std(wait).map_err(DbError::stored)?)),
    };
    task.tell(Event::StepRetried {
        step_id: StepId(step),
        attempt,
        epoch,
        reason: why.reason,
        code: why.code,
        not_before,
    });
    Ok(())
}
