use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{
    AgentKind, ArtifactId, CallKind, CallState, Effect, FileId, OnUnsafe, StepId, TaskId, TaskType,
    Usage, UserId,
};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{artifacts, files, step_calls, steps, task_artifacts, task_files, tasks};
use crate::{DbError, DbResult, Lease};

/// All that an attempt of a step starts from.
#[derive(Clone, Debug)]
pub struct Work {
    /// Its task.
    pub task: WorkTask,
    /// The step itself.
    pub step: WorkStep,
    /// Results of the steps that it depends on, by key.
    pub inputs: BTreeMap<String, Value>,
    /// Uploads that the task was given.
    pub files: Vec<WorkFile>,
    /// Artifacts of the steps that it depends on, and those that the task was given of other tasks.
    pub artifacts: Vec<WorkArtifact>,
    /// The journal of earlier attempts, in the order of issue; superseded rows left out.
    pub calls: Vec<CallRow>,
}

/// The task, as its steps see it.
#[derive(Clone, Debug)]
pub struct WorkTask {
    /// Its id.
    pub id: TaskId,
    /// Its owner.
    pub user: UserId,
    /// A short name.
    pub title: String,
    /// What the user asked for, in their words.
    pub description: String,
    /// Its type.
    pub task_type: TaskType,
    /// With defaults filled in.
    pub parameters: Value,
    /// What to do with calls that may act twice.
    pub on_unsafe: OnUnsafe,
    /// `provider/model` that it asks for first.
    pub model: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// The step, as its agent sees it.
#[derive(Clone, Debug)]
pub struct WorkStep {
    /// Its id.
    pub id: StepId,
    /// From 1.
    pub number: i32,
    /// The plan's name for it.
    pub key: String,
    /// Who does it.
    pub agent: AgentKind,
    /// Which capability.
    pub capability: Option<String>,
    /// What it is to achieve.
    pub description: String,
    /// The capability's arguments.
    pub inputs: Value,
}

/// An upload.
#[derive(Clone, Debug)]
pub struct WorkFile {
    /// Its id.
    pub id: FileId,
    /// As its user named it.
    pub filename: String,
    /// Bytes.
    pub size: i64,
    /// Media type.
    pub content_type: String,
    /// Where its bytes lie.
    pub sha256: String,
}

/// A file that an earlier step made.
#[derive(Clone, Debug)]
pub struct WorkArtifact {
    /// Its id.
    pub id: ArtifactId,
    /// Key of the step that made it; `None`: a step of another task.
    pub step_key: Option<String>,
    /// Relative, with `/`.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// Media type.
    pub content_type: String,
    /// Where its bytes lie.
    pub sha256: String,
}

/// One recorded call.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// From 1 in the step.
    pub call_no: i32,
    /// Of the attempt that made it.
    pub epoch: i64,
    /// Model or tool.
    pub kind: CallKind,
    /// Which.
    pub name: String,
    /// What a takeover may do with it.
    pub effect: Effect,
    /// Begun or answered.
    pub state: CallState,
    /// Of name and arguments.
    pub request_hash: Vec<u8>,
    /// The arguments.
    pub request: Value,
    /// The answer.
    pub response: Option<Value>,
    /// Or the error.
    pub error: Option<Value>,
    /// What it used up.
    pub usage: Usage,
}

type StepColumns = (Uuid, i32, String, String, Option<String>, String, Value, Vec<Uuid>);
type TaskColumns =
    (Uuid, Uuid, String, String, String, Value, String, Option<String>, DateTime<Utc>);
type ArtifactColumns = (Uuid, Option<String>, String, i64, String, String);
type CallColumns =
    (i32, i64, String, String, String, String, Vec<u8>, Value, Option<Value>, Option<Value>, Value);

/// Reads what an attempt starts from. Answers `Fenced` where the step is gone.
pub async fn load(conn: &mut AsyncPgConnection, lease: &Lease) -> DbResult<Work> {
    let (step, depends_on) = load_step(conn, lease).await?;
    let task = load_task(conn, lease).await?;
    let inputs: Vec<(String, Option<Value>)> = steps::table
        .filter(steps::id.eq_any(&depends_on).and(steps::status.eq("completed")))
        .select((steps::key, steps::result))
        .load(conn)
        .await?;
    Ok(Work {
        task,
        step,
        inputs: inputs.into_iter().filter_map(|(key, result)| Some((key, result?))).collect(),
        files: load_files(conn, lease).await?,
        artifacts: load_artifacts(conn, lease, &depends_on).await?,
        calls: load_calls(conn, lease.subject).await?,
    })
}

async fn load_step(conn: &mut AsyncPgConnection, lease: &Lease) -> DbResult<(WorkStep, Vec<Uuid>)> {
    let row: Option<StepColumns> = steps::table
        .find(lease.subject)
        .select((
            steps::id,
            steps::step_number,
            steps::key,
            steps::agent_type,
            steps::capability,
            steps::description,
            steps::inputs,
            steps::depends_on,
        ))
        .get_result(conn)
        .await
        .optional()?;
    let (id, number, key, agent, capability, description, inputs, depends_on) =
        row.ok_or(DbError::Fenced)?;
    let agent = agent.parse()?;
    let id = StepId(id);
    Ok((WorkStep { id, number, key, agent, capability, description, inputs }, depends_on))
}

async fn load_task(conn: &mut AsyncPgConnection, lease: &Lease) -> DbResult<WorkTask> {
    let row: Option<TaskColumns> = tasks::table
        .find(lease.task.0)
        .select((
            tasks::id,
            tasks::user_id,
            tasks::title,
            tasks::description,
            tasks::task_type,
            tasks::parameters,
            tasks::on_unsafe,
            tasks::model,
            tasks::created_at,
        ))
        .get_result(conn)
        .await
        .optional()?;
    let (id, user, title, description, task_type, parameters, on_unsafe, model, created_at) =
        row.ok_or(DbError::Fenced)?;
    Ok(WorkTask {
        id: TaskId(id),
        user: UserId(user),
        title,
        description,
        task_type: task_type.parse()?,
        parameters,
        on_unsafe: on_unsafe.parse()?,
        model,
        created_at,
    })
}

async fn load_files(conn: &mut AsyncPgConnection, lease: &Lease) -> DbResult<Vec<WorkFile>> {
    let rows: Vec<(Uuid, String, i64, String, String)> = task_files::table
        .inner_join(files::table.on(files::id.eq(task_files::file_id)))
        .filter(task_files::task_id.eq(lease.task.0).and(files::user_id.eq(lease.user.0)))
        .order(files::id)
        .select((files::id, files::filename, files::size, files::content_type, files::sha256))
        .load(conn)
        .await?;
    let file = |(id, filename, size, content_type, sha256)| WorkFile {
        id: FileId(id),
        filename,
        size,
        content_type,
        sha256,
    };
    Ok(rows.into_iter().map(file).collect())
}

async fn load_artifacts(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    of_steps: &[Uuid],
) -> DbResult<Vec<WorkArtifact>> {
    let made: Vec<ArtifactColumns> = artifacts::table
        .inner_join(steps::table.on(steps::id.eq(artifacts::step_id)))
        .filter(artifacts::step_id.eq_any(of_steps))
        .order((artifacts::step_id, artifacts::path))
        .select((
            artifacts::id,
            steps::key.nullable(),
            artifacts::path,
            artifacts::size,
            artifacts::content_type,
            artifacts::sha256,
        ))
        .load(conn)
        .await?;
    let given: Vec<ArtifactColumns> = task_artifacts::table
        .filter(task_artifacts::task_id.eq(lease.task.0))
        .order(task_artifacts::artifact_id)
        .select((
            task_artifacts::artifact_id,
            None::<String>.into_sql::<Nullable<Text>>(),
            task_artifacts::path,
            task_artifacts::size,
            task_artifacts::content_type,
            task_artifacts::sha256,
        ))
        .load(conn)
        .await?;
    let artifact = |(id, step_key, path, size, content_type, sha256)| WorkArtifact {
        id: ArtifactId(id),
        step_key,
        path,
        size,
        content_type,
        sha256,
    };
    Ok(made.into_iter().chain(given).map(artifact).collect())
}

async fn load_calls(conn: &mut AsyncPgConnection, step: Uuid) -> DbResult<Vec<CallRow>> {
    let rows: Vec<CallColumns> = step_calls::table
        .filter(step_calls::step_id.eq(step).and(step_calls::state.ne("superseded")))
        .order(step_calls::call_no)
        .select((
            step_calls::call_no,
            step_calls::epoch,
            step_calls::kind,
            step_calls::name,
            step_calls::effect,
            step_calls::state,
            step_calls::request_hash,
            step_calls::request,
            step_calls::response,
            step_calls::error,
            step_calls::usage,
        ))
        .load(conn)
        .await?;
    let call = |row: CallColumns| -> DbResult<CallRow> {
        let (call_no, epoch, kind, name, effect, state, hash, request, response, error, usage) =
            row;
        Ok(CallRow {
            call_no,
            epoch,
            kind: kind.parse()?,
            name,
            effect: effect.parse()?,
            state: state.parse()?,
            request_hash: hash,
            request,
            response,
            error,
            usage: serde_json::from_value(usage)?,
        })
    };
    rows.into_iter().map(call).collect()
}
