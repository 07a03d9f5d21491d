use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Failure, FailureCode, JobId, RetryReason, TaskId, TaskStatus, UserId, WorkerId};
use uuid::Uuid;

use crate::locked::{self, Locked};
use crate::schema::{jobs, steps, workers};
use crate::steps::{end, reopen};
use crate::{DbResult, Lease, Settled};

/// A leased job whose worker is lost or overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The job.
    pub job: JobId,
    /// As it was seen: a takeover that comes late finds another one.
    pub epoch: i64,
    /// Who held it.
    pub worker: WorkerId,
}

/// Gives up workers whose lease ran out.
pub async fn mark_lost(conn: &mut AsyncPgConnection) -> DbResult<Vec<WorkerId>> {
    let lost: Vec<Uuid> = diesel::update(workers::table)
        .filter(workers::state.eq("alive").and(workers::lease_until.lt(now)))
        .set(workers::state.eq("lost"))
        .returning(workers::id)
        .get_results(conn)
        .await?;
    Ok(lost.into_iter().map(WorkerId).collect())
}

/// Leased jobs of lost or closed workers, and those past their deadline.
pub async fn expired(conn: &mut AsyncPgConnection, limit: i64) -> DbResult<Vec<Expired>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = BigInt)]
        epoch: i64,
        #[diesel(sql_type = SqlUuid)]
        worker_id: Uuid,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT j.id, j.epoch, j.worker_id FROM jobs j JOIN workers w ON w.id = j.worker_id
          WHERE j.state = 'leased' AND (w.state <> 'alive' OR j.deadline_at < now()) LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    let expired = |row: Row| Expired {
        job: JobId(row.id),
        epoch: row.epoch,
        worker: WorkerId(row.worker_id),
    };
    Ok(rows.into_iter().map(expired).collect())
}

/// Takes a job from a worker that is gone: ready again under a new epoch, or parked as poisoned at the crash that is one
/// too many. `None`: somebody settled it meanwhile.
pub async fn take_over(
    conn: &mut AsyncPgConnection,
    expired: &Expired,
    max_crashes: i32,
) -> DbResult<Option<Settled>> {
    transact!(conn, |c| {
        let Some(mut lease) = lease_of(c, expired).await? else { return Ok(None) };
        let Some(mut task) = locked::lock(c, lease.task).await? else { return Ok(None) };
        let Some(crashes) = unlease(c, &task, expired).await? else { return Ok(None) };
        lease.crashes = crashes;
        lease.epoch = expired.epoch + 1;
        if task.status == TaskStatus::Cancelling {
            return end::cancel_running(c, task, &lease).await.map(Some);
        }
        if crashes >= max_crashes {
            return poison(c, task, &lease).await.map(Some);
        }
        let why = reopen::Why { reason: RetryReason::Takeover, code: None, not_before: None };
        reopen::reopen(c, &mut task, lease.subject, why).await?;
        let notice = task.save(c).await?;
        Ok(Some(Settled::of(&lease, notice)))
    })
}

/// The lease of a job as it was seen; `None` where it moved on.
pub(crate) async fn lease_of(
    c: &mut AsyncPgConnection,
    expired: &Expired,
) -> DbResult<Option<Lease>> {
    type Columns = (String, Uuid, Uuid, Uuid, String, i32, i32, Option<DateTime<Utc>>);
    let row: Option<Columns> = jobs::table
        .inner_join(steps::table.on(steps::id.eq(jobs::subject_id)))
        .filter(jobs::id.eq(expired.job.0).and(jobs::epoch.eq(expired.epoch)))
        .filter(jobs::state.eq("leased"))
        .select((
            jobs::kind,
            steps::id,
            steps::task_id,
            jobs::user_id,
            jobs::pool,
            jobs::attempt,
            jobs::crashes,
            jobs::started_at,
        ))
        .get_result(c)
        .await
        .optional()?;
    let Some((kind, subject, task, user, pool, attempt, crashes, started)) = row else {
        return Ok(None);
    };
    Ok(Some(Lease {
        job: expired.job,
        kind: kind.parse()?,
        subject,
        task: TaskId(task),
        user: UserId(user),
        pool: pool.parse()?,
        worker: expired.worker,
        epoch: expired.epoch,
        attempt,
        crashes,
        started: started.is_some(),
    }))
}

/// Raises the epoch, which fences whoever held the job; a crash counts only for a handler that had started. Held where
/// the task is paused.
async fn unlease(
    c: &mut AsyncPgConnection,
    task: &Locked,
    expired: &Expired,
) -> DbResult<Option<i32>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        crashes: i32,
    }
    let row: Option<Row> = diesel::sql_query(
        "UPDATE jobs SET state = 'ready', epoch = epoch + 1, worker_id = NULL, enqueued_at = NULL, started_at = NULL,
                deadline_at = NULL, not_before = CASE WHEN $3 THEN 'infinity' ELSE now() END,
                crashes = crashes + (started_at IS NOT NULL)::int, attempt = attempt - (started_at IS NULL)::int
          WHERE id = $1 AND epoch = $2 AND state = 'leased' RETURNING crashes",
    )
    .bind::<SqlUuid, _>(expired.job.0)
    .bind::<BigInt, _>(expired.epoch)
    .bind::<Bool, _>(task.status == TaskStatus::Paused)
    .get_result(c)
    .await
    .optional()?;
    Ok(row.map(|row| row.crashes))
}

/// It took its worker down once too often. `dead` is reached from `leased`, so the row passes through it again.
async fn poison(c: &mut AsyncPgConnection, task: Locked, lease: &Lease) -> DbResult<Settled> {
    diesel::update(jobs::table.find(lease.job.0))
        .set((jobs::state.eq("leased"), jobs::worker_id.eq(lease.worker.0)))
        .execute(c)
        .await?;
    let failure = Failure::new(
        FailureCode::Poisoned,
        format!(
            "The step ended its worker {} times and is not run again. Change what it runs, then create the task again.",
            lease.crashes
        ),
    )
    .with(serde_json::json!({ "crashes": lease.crashes }));
    end::fail(c, task, lease, &failure, Some(end::Park)).await
}
