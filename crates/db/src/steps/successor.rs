use std::time::Duration;

use chrono::TimeDelta;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{JobKind, Pool, WorkerId};

use super::advance::Owed;
use crate::jobs::claimed;
use crate::locked::Locked;
use crate::schema::{jobs, workers};
use crate::{DbError, DbResult, Lease, Push};

/// A worker that would go on with the successor at once, without the queue.
#[derive(Clone, Debug)]
pub struct Shortcut {
    /// Who.
    pub worker: WorkerId,
    /// The pools that it serves.
    pub pools: Vec<Pool>,
    /// Limit of the successor's claim.
    pub limit: Duration,
}

/// What became of the slot of a finished job.
pub(super) enum Passed {
    /// The successor was claimed in the same transaction.
    Claimed(Lease),
    /// The successor goes to its stream.
    Released(Push),
}

/// The slot of the finished job passes to one successor, so the user's row need not be locked.
pub(super) async fn pass_slot(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    lease: &Lease,
    owed: &Owed,
    shortcut: Option<&Shortcut>,
) -> DbResult<Passed> {
    let pool: Pool = owed.pool.parse()?;
    if let Some(how) = shortcut.filter(|how| how.pools.contains(&pool))
        && claim(c, owed, how).await?
    {
        let next = Lease {
            job: owed.job,
            subject: owed.step,
            pool,
            worker: how.worker,
            epoch: 1,
            attempt: 1,
            crashes: 0,
            started: true,
            ..lease.clone()
        };
        claimed(c, task, &next).await?;
        return Ok(Passed::Claimed(next));
    }
    diesel::update(jobs::table.find(owed.job.0)).set(jobs::enqueued_at.eq(now)).execute(c).await?;
    Ok(Passed::Released(Push { job: owed.job, kind: JobKind::RunStep, pool }))
}

/// The claim's UPDATE for a job that this transaction made; `false` where the worker is lost or lacks something.
async fn claim(c: &mut AsyncPgConnection, owed: &Owed, how: &Shortcut) -> DbResult<bool> {
    let alive = workers::state.eq("alive").and(workers::lease_until.gt(now));
    let provided =
        workers::table.find(how.worker.0).filter(alive).select(workers::provides).single_value();
    let limit = TimeDelta::from_std(how.limit).map_err(DbError::stored)?;
    let deadline = now.into_sql::<Timestamptz>() + limit.into_sql::<Interval>();
    let taken = diesel::update(jobs::table.find(owed.job.0))
        .filter(jobs::requires.nullable().is_contained_by(provided))
        .set((
            jobs::state.eq("leased"),
            jobs::epoch.eq(1),
            jobs::attempt.eq(1),
            jobs::worker_id.eq(how.worker.0),
            jobs::leased_at.eq(now),
            jobs::started_at.eq(now),
            jobs::deadline_at.eq(deadline.nullable()),
        ))
        .execute(c)
        .await?;
    Ok(taken == 1)
}
