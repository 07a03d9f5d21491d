use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Interval, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{JobId, JobKind, Pool, UserId, WorkerId};
use uuid::Uuid;

use super::ClaimAs;
use crate::schema::{jobs, workers};
use crate::sweep::Expired;
use crate::{DbError, DbResult, Push};

/// The proof that a worker holds a job that is no step's: small work with no task, no events and no journal. It is run
/// once; a worker that dies at it or hands it back leaves it to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The job.
    pub job: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// To what.
    pub subject: Uuid,
    /// Who asked for it.
    pub user: UserId,
    /// Its pool.
    pub pool: Pool,
    /// Who holds it.
    pub worker: WorkerId,
    /// Raised by every claim and takeover.
    pub epoch: i64,
}

impl Errand {
    fn push(&self) -> Push {
        Push { job: self.job, kind: self.kind, pool: self.pool }
    }
}

/// The UPDATE that decides who has the job.
pub(crate) async fn claim(c: &mut AsyncPgConnection, ask: &ClaimAs) -> DbResult<Option<Errand>> {
    let alive = workers::state.eq("alive").and(workers::lease_until.gt(now));
    let living =
        diesel::dsl::exists(workers::table.filter(workers::id.eq(ask.worker.0).and(alive)));
    let limit = TimeDelta::from_std(ask.limit).map_err(DbError::stored)?;
    let deadline = now.into_sql::<Timestamptz>() + limit.into_sql::<Interval>();
    let taken: Option<(String, Uuid, Uuid, String, i64)> =
        diesel::update(jobs::table.find(ask.job.0))
            .filter(jobs::state.eq("ready").and(jobs::not_before.le(now)))
            .filter(jobs::kind.ne(JobKind::RunStep.as_str()))
            .filter(living)
            .set((
                jobs::state.eq("leased"),
                jobs::epoch.eq(jobs::epoch + 1),
                jobs::attempt.eq(jobs::attempt + 1),
                jobs::worker_id.eq(ask.worker.0),
                jobs::leased_at.eq(now),
                jobs::started_at.eq(now),
                jobs::deadline_at.eq(deadline.nullable()),
            ))
            .returning((jobs::kind, jobs::subject_id, jobs::user_id, jobs::pool, jobs::epoch))
            .get_result(c)
            .await
            .optional()?;
    let Some((kind, subject, user, pool, epoch)) = taken else { return Ok(None) };
    let (kind, pool) = (kind.parse()?, pool.parse()?);
    let (job, user, worker) = (ask.job, UserId(user), ask.worker);
    Ok(Some(Errand { job, kind, subject, user, pool, worker, epoch }))
}

/// The job is done and gone, if it is still held under this epoch; else nothing may be written.
pub(crate) async fn end(c: &mut AsyncPgConnection, errand: &Errand) -> DbResult<()> {
    let held = jobs::table
        .filter(jobs::id.eq(errand.job.0).and(jobs::epoch.eq(errand.epoch)))
        .filter(jobs::state.eq("leased").and(jobs::worker_id.eq(errand.worker.0)));
    match diesel::delete(held).execute(c).await? {
        1 => Ok(()),
        _ => Err(DbError::Fenced),
    }
}

/// Hands the job to another worker, at once and uncharged.
pub async fn give_back_errand(conn: &mut AsyncPgConnection, errand: &Errand) -> DbResult<Push> {
    let back = diesel::update(jobs::table.find(errand.job.0))
        .filter(jobs::epoch.eq(errand.epoch).and(jobs::state.eq("leased")))
        .filter(jobs::worker_id.eq(errand.worker.0))
        .set((
            jobs::state.eq("ready"),
            jobs::attempt.eq(jobs::attempt - 1),
            jobs::worker_id.eq(None::<Uuid>),
            jobs::started_at.eq(None::<DateTime<Utc>>),
            jobs::deadline_at.eq(None::<DateTime<Utc>>),
            jobs::enqueued_at.eq(now),
            jobs::not_before.eq(now),
        ))
        .execute(conn)
        .await?;
    if back == 1 { Ok(errand.push()) } else { Err(DbError::Fenced) }
}

/// Takes such a job from a worker that is gone, or that knows nothing of it: ready again under a new epoch, or gone at
/// the crash that is one too many. `None`: it is a step's, or moved on.
pub async fn take_over_errand(
    conn: &mut AsyncPgConnection,
    expired: &Expired,
    max_crashes: i32,
) -> DbResult<Option<Push>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        pool: String,
        #[diesel(sql_type = Integer)]
        crashes: i32,
    }
    transact!(conn, |c| {
        let row: Option<Row> = diesel::sql_query(
            "UPDATE jobs SET state = 'ready', epoch = epoch + 1, worker_id = NULL, enqueued_at = now(), not_before = now(),
                    started_at = NULL, deadline_at = NULL, crashes = crashes + 1
              WHERE id = $1 AND epoch = $2 AND state = 'leased' AND kind <> 'run_step' RETURNING kind, pool, crashes",
        )
        .bind::<SqlUuid, _>(expired.job.0)
        .bind::<BigInt, _>(expired.epoch)
        .get_result(c)
        .await
        .optional()?;
        let Some(row) = row else { return Ok(None) };
        if row.crashes >= max_crashes {
            diesel::delete(jobs::table.find(expired.job.0)).execute(c).await?;
            return Ok(None);
        }
        Ok(Some(Push { job: expired.job, kind: row.kind.parse()?, pool: row.pool.parse()? }))
    })
}
