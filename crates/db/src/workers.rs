//! Workers: who is alive, what they provide, which jobs hang on their lease.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{JobId, JobKind, Pool, StepId, TaskId, TaskStatus, WorkerId};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{jobs, steps, tasks, workers};
use crate::{DbError, DbResult};

/// A worker that begins a life.
#[derive(Clone, Debug)]
pub struct NewWorker {
    /// Fresh at every boot and after every self-fencing.
    pub id: WorkerId,
    /// Where it runs.
    pub host: String,
    /// Of the binary.
    pub version: String,
    /// What it does besides steps.
    pub roles: Vec<String>,
    /// The pools that it serves.
    pub pools: Vec<Pool>,
    /// Languages and programs that it proved.
    pub provides: Vec<String>,
    /// The sandbox's report.
    pub sandbox: Value,
    /// Jobs at a time.
    pub concurrency: i32,
    /// Until it must renew.
    pub lease: Duration,
}

/// What a renewal answers.
#[derive(Clone, Debug, Default)]
pub struct Renewed {
    /// An administrator wants it to drain.
    pub drain_asked: bool,
    /// The jobs of steps that hang on it.
    pub held: Vec<Held>,
    /// The other jobs that do, each with its epoch.
    pub errands: Vec<(JobId, i64)>,
}

/// A job that PostgreSQL says this worker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The job.
    pub job: JobId,
    /// Under which epoch.
    pub epoch: i64,
    /// Its step.
    pub step: StepId,
    /// Its task.
    pub task: TaskId,
    /// Where the task stands: a cancel or a pause that no signal brought.
    pub status: TaskStatus,
}

/// A live worker.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = workers)]
pub struct WorkerRow {
    /// Its id.
    pub id: Uuid,
    /// Where it runs.
    pub host: String,
    /// Of the binary.
    pub version: String,
    /// What it does.
    pub roles: Vec<String>,
    /// The pools that it serves.
    pub pools: Vec<String>,
    /// What it proved.
    pub provides: Vec<String>,
    /// The sandbox's report.
    pub sandbox: Value,
    /// Jobs at a time.
    pub concurrency: i32,
    /// On its way out.
    pub drain_asked: bool,
    /// Since.
    pub started_at: DateTime<Utc>,
    /// Until.
    pub lease_until: DateTime<Utc>,
}

/// Stores a worker's row: from here it may claim.
pub async fn register(conn: &mut AsyncPgConnection, new: &NewWorker) -> DbResult<()> {
    let lease = TimeDelta::from_std(new.lease).map_err(DbError::stored)?;
    let until = now.into_sql::<Timestamptz>() + lease.into_sql::<Interval>();
    let pools: Vec<&str> = new.pools.iter().map(|pool| pool.as_str()).collect();
    diesel::insert_into(workers::table)
        .values((
            workers::id.eq(new.id.0),
            workers::host.eq(&new.host),
            workers::version.eq(&new.version),
            workers::roles.eq(&new.roles),
            workers::pools.eq(pools),
            workers::provides.eq(&new.provides),
            workers::sandbox.eq(&new.sandbox),
            workers::concurrency.eq(new.concurrency),
            workers::lease_until.eq(until),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Extends the lease and answers what hangs on it. `None`: the worker was given up and must fence itself.
pub async fn renew(
    conn: &mut AsyncPgConnection,
    me: WorkerId,
    lease: Duration,
) -> DbResult<Option<Renewed>> {
    let lease = TimeDelta::from_std(lease).map_err(DbError::stored)?;
    let until = now.into_sql::<Timestamptz>() + lease.into_sql::<Interval>();
    let renewed: Option<bool> = diesel::update(workers::table.find(me.0))
        .filter(workers::state.eq("alive"))
        .set(workers::lease_until.eq(until))
        .returning(workers::drain_asked)
        .get_result(conn)
        .await
        .optional()?;
    match renewed {
        None => Ok(None),
        Some(drain_asked) => {
            let (held, errands) = (held(conn, me).await?, errands(conn, me).await?);
            Ok(Some(Renewed { drain_asked, held, errands }))
        }
    }
}

/// The jobs that are no steps' and hang on a worker.
async fn errands(conn: &mut AsyncPgConnection, worker: WorkerId) -> DbResult<Vec<(JobId, i64)>> {
    let rows: Vec<(Uuid, i64)> = jobs::table
        .filter(jobs::worker_id.eq(worker.0).and(jobs::state.eq("leased")))
        .filter(jobs::kind.ne(JobKind::RunStep.as_str()))
        .select((jobs::id, jobs::epoch))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(job, epoch)| (JobId(job), epoch)).collect())
}

/// The jobs of steps that hang on a worker, alive or not.
pub async fn held(conn: &mut AsyncPgConnection, worker: WorkerId) -> DbResult<Vec<Held>> {
    let rows: Vec<(Uuid, i64, Uuid, Uuid, String)> = jobs::table
        .inner_join(steps::table.on(steps::id.eq(jobs::subject_id)))
        .inner_join(tasks::table.on(tasks::id.eq(steps::task_id)))
        .filter(jobs::worker_id.eq(worker.0).and(jobs::state.eq("leased")))
        .select((jobs::id, jobs::epoch, steps::id, tasks::id, tasks::status))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(job, epoch, step, task, status)| {
            Ok(Held {
                job: JobId(job),
                epoch,
                step: StepId(step),
                task: TaskId(task),
                status: status.parse()?,
            })
        })
        .collect()
}

/// Ends a worker's life in order. Its jobs were handed back before.
pub async fn close(conn: &mut AsyncPgConnection, me: WorkerId) -> DbResult<()> {
    diesel::update(workers::table.find(me.0))
        .filter(workers::state.eq("alive"))
        .set((workers::state.eq("closed"), workers::closed_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The workers whose lease holds.
pub async fn alive(conn: &mut AsyncPgConnection) -> DbResult<Vec<WorkerRow>> {
    let rows = workers::table
        .filter(workers::state.eq("alive").and(workers::lease_until.gt(now)))
        .order(workers::started_at)
        .select(WorkerRow::as_select())
        .load(conn)
        .await?;
    Ok(rows)
}

/// Languages and programs that workers proved within the last day, in the order of the alphabet: what a task may ask for
/// though no worker lives at this moment.
pub async fn provided_lately(conn: &mut AsyncPgConnection) -> DbResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Provided {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let rows: Vec<Provided> = diesel::sql_query(
        "SELECT DISTINCT unnest(provides) AS name FROM workers
          WHERE lease_until > now() - interval '24 hours' ORDER BY name",
    )
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}
