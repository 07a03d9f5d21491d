use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Failure, FailureCode, RetryReason, TaskStatus};

use crate::locked::{self, Locked};
use crate::schema::jobs;
use crate::steps::{end, reopen};
use crate::{DbError, DbResult, Lease, Push, Settled};

/// Why a worker gives a job back that it could not, or may not, bring to an end. None of these costs an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveBack {
    /// The worker is shutting down: due at once, elsewhere.
    Drain,
    /// It must run alone and did not come to it: due at once.
    Alone,
    /// What it needs is away for everybody: due after this time.
    Unavailable {
        /// The wait.
        after: Duration,
    },
    /// What it would ask rests, as `code` says: due after this time.
    Resting {
        /// The wait.
        after: Duration,
        /// Of the failure that it would be.
        code: FailureCode,
    },
    /// Its task was paused: held, unless it was resumed meanwhile.
    Pause,
}

/// Hands a leased job back uncharged. A task that is being cancelled ends here instead.
pub async fn give_back(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    why: GiveBack,
) -> DbResult<Settled> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        give_back_locked(c, task, lease, why).await
    })
}

/// The same where the task is locked already and the lease holds.
pub(crate) async fn give_back_locked(
    c: &mut AsyncPgConnection,
    mut task: Locked,
    lease: &Lease,
    why: GiveBack,
) -> DbResult<Settled> {
    if task.status == TaskStatus::Cancelling {
        return end::cancel_running(c, task, lease).await;
    }
    let paused = task.status == TaskStatus::Paused;
    let due = match why {
        _ if paused => None,
        GiveBack::Unavailable { after } | GiveBack::Resting { after, .. } => Some(after),
        _ => Some(Duration::ZERO),
    };
    let waits = matches!(why, GiveBack::Unavailable { .. } | GiveBack::Resting { .. });
    let released = !paused && !waits;
    unlease(c, lease, due, released).await?;
    let reason = match why {
        GiveBack::Pause => RetryReason::Pause,
        _ if paused => RetryReason::Pause,
        GiveBack::Unavailable { .. } | GiveBack::Resting { .. } => RetryReason::Error,
        GiveBack::Drain | GiveBack::Alone => RetryReason::Drain,
    };
    let not_before = due.filter(|after| !after.is_zero());
    let code = match why {
        GiveBack::Resting { code, .. } if !paused => Some(code),
        _ => None,
    };
    let reopened = reopen::Why { reason, code, not_before };
    reopen::reopen(c, &mut task, lease.subject, reopened).await?;
    let mut pushes = Vec::new();
    if released {
        pushes.push(Push { job: lease.job, kind: lease.kind, pool: lease.pool });
    }
    let notice = task.save(c).await?;
    Ok(Settled { pushes, freed: !released, ..Settled::of(lease, notice) })
}

/// How often a step may find that all it could ask rests, before it fails.
const HAND_BACKS: i32 = 10;

/// Hands a leased job back uncharged for a while, because what it needs rests; too often, and the step fails with
/// `failure`.
pub async fn rest(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    failure: &Failure,
    after: Duration,
) -> DbResult<Settled> {
    transact!(conn, |c| {
        let task = locked::lock_fenced(c, lease).await?;
        let times: i32 = diesel::update(jobs::table.find(lease.job.0))
            .set(jobs::hand_backs.eq(jobs::hand_backs + 1))
            .returning(jobs::hand_backs)
            .get_result(c)
            .await?;
        if times >= HAND_BACKS && task.status != TaskStatus::Cancelling {
            return end::fail(c, task, lease, failure, None).await;
        }
        give_back_locked(c, task, lease, GiveBack::Resting { after, code: failure.code }).await
    })
}

/// `leased` to held, the attempt not counted: its step waits.
pub(crate) async fn hold_leased(c: &mut AsyncPgConnection, lease: &Lease) -> DbResult<()> {
    unlease(c, lease, None, false).await
}

/// `leased` to `ready`, the attempt not counted. `due` is `None` for a held job.
async fn unlease(
    c: &mut AsyncPgConnection,
    lease: &Lease,
    due: Option<Duration>,
    released: bool,
) -> DbResult<()> {
    let not_before = match due {
        None => None,
        Some(after) => Some(TimeDelta::from_std(after).map_err(DbError::stored)?),
    };
    let clear = (
        jobs::state.eq("ready"),
        jobs::attempt.eq(jobs::attempt - 1),
        jobs::worker_id.eq(None::<uuid::Uuid>),
        jobs::started_at.eq(None::<DateTime<Utc>>),
        jobs::deadline_at.eq(None::<DateTime<Utc>>),
    );
    let job = jobs::table.find(lease.job.0);
    let unreleased = jobs::enqueued_at.eq(None::<DateTime<Utc>>);
    match not_before {
        None => {
            let never = diesel::dsl::sql::<Timestamptz>("'infinity'");
            let held = (clear, unreleased, jobs::not_before.eq(never));
            diesel::update(job).set(held).execute(c).await?
        }
        Some(_) if released => {
            let due = (clear, jobs::enqueued_at.eq(now), jobs::not_before.eq(now));
            diesel::update(job).set(due).execute(c).await?
        }
        Some(after) => {
            let at = now.into_sql::<Timestamptz>() + after.into_sql::<Interval>();
            diesel::update(job).set((clear, unreleased, jobs::not_before.eq(at))).execute(c).await?
        }
    };
    Ok(())
}
