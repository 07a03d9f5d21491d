use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Failure, RetryReason, TaskStatus};

use crate::schema::jobs;
use crate::steps::{end, reopen};
use crate::{DbError, DbResult, Lease, Settled, locked};

/// The attempt failed in a way that may pass: due again `after` a while. When its attempts are used up the step fails
/// with `failure` and the job is parked.
pub async fn retry(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    failure: &Failure,
    after: Duration,
) -> DbResult<Settled> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        if task.status == TaskStatus::Cancelling {
            return end::cancel_running(c, task, lease).await;
        }
        if lease.attempt >= lease.kind.max_attempts() {
            return end::fail(c, task, lease, failure, Some(end::Park)).await;
        }
        let wait = TimeDelta::from_std(after).map_err(DbError::stored)?;
        let due = now.into_sql::<Timestamptz>() + wait.into_sql::<Interval>();
        diesel::update(jobs::table.find(lease.job.0))
            .set((
                jobs::state.eq("ready"),
                jobs::worker_id.eq(None::<uuid::Uuid>),
                jobs::started_at.eq(None::<DateTime<Utc>>),
                jobs::deadline_at.eq(None::<DateTime<Utc>>),
                jobs::enqueued_at.eq(None::<DateTime<Utc>>),
                jobs::not_before.eq(due),
            ))
            .execute(c)
            .await?;
        if task.status == TaskStatus::Paused {
            super::hold_all(c, &task).await?;
        }
        let why = reopen::Why {
            reason: RetryReason::Error,
            code: Some(failure.code),
            not_before: Some(after),
        };
        reopen::reopen(c, &mut task, lease.subject, why).await?;
        let notice = task.save(c).await?;
        Ok(Settled::of(lease, notice))
    })
}
