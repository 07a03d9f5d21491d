use std::time::Duration;

use chrono::TimeDelta;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Event, JobId, StepId, TaskId, UserId, WorkerId};
use uuid::Uuid;

use super::Errand;
use crate::locked::{self, Locked};
use crate::schema::{jobs, steps, workers};
use crate::steps::wait;
use crate::{DbError, DbResult, Lease, Notice, Settled};

/// Who asks for which job, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct ClaimAs {
    /// The job that a message named.
    pub job: JobId,
    /// Who asks.
    pub worker: WorkerId,
    /// Nothing runs alone on the worker now, so a job without crashes starts at once.
    pub reading: bool,
    /// Limit of the kind plus the backstop: after it the sweeper takes the job over.
    pub limit: Duration,
    /// How long a step waits for a person at most.
    pub patience: Duration,
}

/// How a claim ended.
#[derive(Debug)]
pub enum Claim {
    /// The job is held.
    Taken(Box<Lease>, Notice),
    /// The job is held, and is no step's.
    Errand(Errand),
    /// The job is gone, held by another worker, not due, or needs what this worker does not provide.
    Gone,
    /// The task had used up its time, so the step waits for more, or failed.
    Ended(Box<Settled>),
}

/// What the job row says of itself before its task is locked.
pub(crate) struct Subject {
    kind: String,
    step: Uuid,
    task: Uuid,
    user: Uuid,
    pool: String,
}

/// Takes a job under a new epoch. A message that is delivered twice is harmless: the second claim finds no row.
pub async fn claim(conn: &mut AsyncPgConnection, ask: &ClaimAs) -> DbResult<Claim> {
    transact!(conn, |c| {
        let Some(subject) = subject(c, ask.job).await? else {
            let errand = super::claim_errand(c, ask).await?;
            return Ok(errand.map_or(Claim::Gone, Claim::Errand));
        };
        let Some(mut task) = locked::lock(c, TaskId(subject.task)).await? else {
            return Ok(Claim::Gone);
        };
        if !task.status.runs() {
            hold(c, ask.job).await?;
            return Ok(Claim::Gone);
        }
        let Some(lease) = take(c, &subject, ask).await? else { return Ok(Claim::Gone) };
        run(c, &mut task, &lease).await?;
        let task = match wait::may_go_on(c, task, &lease, false, ask.patience).await? {
            Ok(task) => task,
            Err(settled) => return Ok(Claim::Ended(Box::new(settled))),
        };
        let notice = task.save(c).await?;
        Ok(Claim::Taken(Box::new(lease), notice))
    })
}

/// The job's handler begins: from here a crash counts. `false` where the job was taken over meanwhile.
pub async fn start(conn: &mut AsyncPgConnection, lease: &Lease) -> DbResult<bool> {
    let started = diesel::update(jobs::table.find(lease.job.0))
        .filter(jobs::epoch.eq(lease.epoch).and(jobs::worker_id.eq(lease.worker.0)))
        .filter(jobs::state.eq("leased"))
        .set(jobs::started_at.eq(now))
        .execute(conn)
        .await?;
    Ok(started == 1)
}

async fn subject(c: &mut AsyncPgConnection, job: JobId) -> DbResult<Option<Subject>> {
    let row: Option<(String, Uuid, Uuid, Uuid, String)> = jobs::table
        .inner_join(steps::table.on(steps::id.eq(jobs::subject_id)))
        .filter(jobs::id.eq(job.0).and(jobs::state.eq("ready")))
        .select((jobs::kind, steps::id, steps::task_id, jobs::user_id, jobs::pool))
        .get_result(c)
        .await
        .optional()?;
    Ok(row.map(|(kind, step, task, user, pool)| Subject { kind, step, task, user, pool }))
}

/// Owed, but not now: its task is paused or waits.
async fn hold(c: &mut AsyncPgConnection, job: JobId) -> DbResult<()> {
    let never = diesel::dsl::sql::<Timestamptz>("'infinity'");
    diesel::update(jobs::table.find(job.0))
        .filter(jobs::state.eq("ready"))
        .set((
            jobs::not_before.eq(never),
            jobs::enqueued_at.eq(None::<chrono::DateTime<chrono::Utc>>),
        ))
        .execute(c)
        .await?;
    Ok(())
}

/// The UPDATE that decides who has the job. The task is locked.
async fn take(
    c: &mut AsyncPgConnection,
    subject: &Subject,
    ask: &ClaimAs,
) -> DbResult<Option<Lease>> {
    let alive = workers::state.eq("alive").and(workers::lease_until.gt(now));
    // NULL, so no row, if the worker is lost.
    let provided =
        workers::table.find(ask.worker.0).filter(alive).select(workers::provides).single_value();
    let limit = TimeDelta::from_std(ask.limit).map_err(DbError::stored)?;
    let deadline = now.into_sql::<Timestamptz>() + limit.into_sql::<Interval>();
    let reading = ask.reading;
    let started = diesel::dsl::case_when(
        jobs::crashes.eq(0).and(reading.into_sql::<diesel::sql_types::Bool>()),
        now.into_sql::<Timestamptz>().nullable(),
    );
    let taken: Option<(i64, i32, i32, Option<chrono::DateTime<chrono::Utc>>)> =
        diesel::update(jobs::table.find(ask.job.0))
            .filter(jobs::state.eq("ready").and(jobs::not_before.le(now)))
            .filter(jobs::requires.nullable().is_contained_by(provided))
            .set((
                jobs::state.eq("leased"),
                jobs::epoch.eq(jobs::epoch + 1),
                jobs::attempt.eq(jobs::attempt + 1),
                jobs::worker_id.eq(ask.worker.0),
                jobs::leased_at.eq(now),
                jobs::deadline_at.eq(deadline.nullable()),
                jobs::started_at.eq(started),
            ))
            .returning((jobs::epoch, jobs::attempt, jobs::crashes, jobs::started_at))
            .get_result(c)
            .await
            .optional()?;
    let Some((epoch, attempt, crashes, started_at)) = taken else { return Ok(None) };
    Ok(Some(Lease {
        job: ask.job,
        kind: subject.kind.parse()?,
        subject: subject.step,
        task: TaskId(subject.task),
        user: UserId(subject.user),
        pool: subject.pool.parse()?,
        worker: ask.worker,
        epoch,
        attempt,
        crashes,
        started: started_at.is_some(),
    }))
}

/// Brings the step of a lease to `running` and tells it. The task is locked, the job taken.
pub(crate) async fn run(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    lease: &Lease,
) -> DbResult<()> {
    let step_number: i32 = diesel::update(steps::table.find(lease.subject))
        .filter(steps::status.eq("ready"))
        .set((
            steps::status.eq("running"),
            steps::attempt.eq(lease.attempt),
            steps::epoch.eq(lease.epoch),
            steps::worker_id.eq(lease.worker.0),
            steps::started_at.eq(task.now),
        ))
        .returning(steps::step_number)
        .get_result(c)
        .await?;
    if task.status == ninja_types::TaskStatus::Pending {
        task.start();
    }
    task.tell(Event::StepStarted {
        step_id: StepId(lease.subject),
        step_number,
        attempt: lease.attempt,
        epoch: lease.epoch,
        worker_id: lease.worker,
    });
    Ok(())
}
