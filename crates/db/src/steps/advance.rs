//! What a closed step sets free: its successors, or the end of its task.

use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Event, Failure, JobId, JobKind, NotDone, StepId, StepStatus, TaskStatus};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::wait;
use crate::DbResult;
use crate::jobs::{self, NewJob};
use crate::locked::Locked;
use crate::schema::steps;

/// A step as the decisions about its task see it.
#[derive(Queryable)]
struct Row {
    id: Uuid,
    step_number: i32,
    required: bool,
    depends_on: Vec<Uuid>,
    status: String,
    pool: String,
    requires: Vec<String>,
}

/// One step of the graph.
pub(crate) struct Node {
    pub(crate) id: Uuid,
    pub(crate) number: i32,
    pub(crate) required: bool,
    pub(crate) depends_on: Vec<Uuid>,
    pub(crate) status: StepStatus,
    pub(crate) pool: String,
    pub(crate) requires: Vec<String>,
}

/// All steps of a locked task.
pub(crate) struct Graph(pub(crate) Vec<Node>);

/// A job that a step's becoming ready has made owed; released by nobody yet.
#[derive(Clone, Debug)]
pub(crate) struct Owed {
    pub(crate) job: JobId,
    pub(crate) step: Uuid,
    pub(crate) pool: String,
}

impl Graph {
    /// Reads the steps of a locked task, in the order of the plan.
    pub(crate) async fn load(c: &mut AsyncPgConnection, task: &Locked) -> DbResult<Self> {
        let rows: Vec<Row> = steps::table
            .filter(steps::task_id.eq(task.id.0))
            .order(steps::step_number)
            .select((
                steps::id,
                steps::step_number,
                steps::required,
                steps::depends_on,
                steps::status,
                steps::pool,
                steps::requires,
            ))
            .load(c)
            .await?;
        let nodes: DbResult<Vec<Node>> = rows.into_iter().map(Row::node).collect();
        nodes.map(Self)
    }

    /// Pending steps whose dependencies are all settled: completed, or optional and closed.
    pub(crate) fn unblocked(&self) -> Vec<&Node> {
        self.0
            .iter()
            .filter(|node| node.status == StepStatus::Pending)
            .filter(|node| node.depends_on.iter().all(|id| self.settled(*id)))
            .collect()
    }

    /// Every step is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.iter().all(|node| node.status.is_terminal())
    }

    /// Nothing is under way or owed, and something waits.
    pub(crate) fn only_waits(&self) -> bool {
        let is = |status: StepStatus| self.0.iter().any(|node| node.status == status);
        is(StepStatus::Waiting) && !is(StepStatus::Ready) && !is(StepStatus::Running)
    }

    /// Steps that nothing depends on: their outputs are the task's.
    pub(crate) fn last(&self) -> Vec<&Node> {
        let is_last =
            |node: &&Node| !self.0.iter().any(|other| other.depends_on.contains(&node.id));
        self.0.iter().filter(is_last).collect()
    }

    /// Whether a step can only be skipped because `failed` did not complete.
    pub(crate) fn hangs_on(&self, node: &Node, failed: Uuid) -> bool {
        node.depends_on.iter().any(|id| {
            *id == failed || self.0.iter().any(|it| it.id == *id && self.hangs_on(it, failed))
        })
    }

    /// Notes a change that this transaction made.
    pub(crate) fn set(&mut self, step: Uuid, status: StepStatus) {
        for node in self.0.iter_mut().filter(|node| node.id == step) {
            node.status = status;
        }
    }

    fn settled(&self, step: Uuid) -> bool {
        self.0.iter().any(|node| {
            node.id == step
                && (node.status == StepStatus::Completed
                    || (!node.required && node.status.is_terminal()))
        })
    }
}

impl Row {
    fn node(self) -> DbResult<Node> {
        Ok(Node {
            id: self.id,
            number: self.step_number,
            required: self.required,
            depends_on: self.depends_on,
            status: self.status.parse()?,
            pool: self.pool,
            requires: self.requires,
        })
    }
}

/// Brings unblocked steps to `ready`, each with its job, and tells it.
pub(crate) async fn open_ready(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    graph: &mut Graph,
) -> DbResult<Vec<Owed>> {
    let mut owed = Vec::new();
    let mut rows = Vec::new();
    for node in graph.unblocked() {
        let job = JobId::new();
        task.tell(Event::StepReady {
            step_id: StepId(node.id),
            step_number: node.number,
            pool: node.pool.parse()?,
        });
        owed.push(Owed { job, step: node.id, pool: node.pool.clone() });
        rows.push(NewJob {
            id: job.0,
            kind: JobKind::RunStep.as_str(),
            subject_id: node.id,
            user_id: task.user.0,
            pool: node.pool.clone(),
            priority: task.priority.rank(),
            requires: node.requires.clone(),
        });
    }
    if owed.is_empty() {
        return Ok(owed);
    }
    let ids: Vec<Uuid> = owed.iter().map(|one| one.step).collect();
    diesel::update(steps::table.filter(steps::id.eq_any(&ids)))
        .set((steps::status.eq("ready"), steps::ready_at.eq(task.now)))
        .execute(c)
        .await?;
    for id in ids {
        graph.set(id, StepStatus::Ready);
    }
    jobs::insert(c, &rows).await?;
    if task.status == TaskStatus::Paused {
        jobs::hold_all(c, task).await?;
    }
    Ok(owed)
}

/// After a step was closed: opens what it set free, or ends the task, or lets it wait.
pub(crate) async fn go_on(c: &mut AsyncPgConnection, task: &mut Locked) -> DbResult<Vec<Owed>> {
    let mut graph = Graph::load(c, task).await?;
    let owed = open_ready(c, task, &mut graph).await?;
    if owed.is_empty() && graph.is_closed() {
        let result = outcome(c, task, &graph).await?;
        task.complete(result)?;
        return Ok(owed);
    }
    task.tell(task.progress_event());
    if task.status == TaskStatus::Waiting && !owed.is_empty() {
        task.resume();
    }
    wait::rest(c, task, &graph).await?;
    Ok(owed)
}

/// Outputs of the last steps by key, the summary of the newest, and the artifact to look at first.
pub(crate) async fn outcome(
    c: &mut AsyncPgConnection,
    task: &Locked,
    graph: &Graph,
) -> DbResult<ninja_types::TaskResult> {
    let last: Vec<Uuid> = graph.last().iter().map(|node| node.id).collect();
    let rows: Vec<(String, Option<String>, Option<Value>)> = steps::table
        .filter(steps::id.eq_any(last))
        .order(steps::step_number)
        .select((steps::key, steps::summary, steps::result))
        .load(c)
        .await?;
    let summary = rows.iter().rev().find_map(|(_, summary, _)| summary.clone());
    let output = rows.into_iter().filter_map(|(key, _, result)| result.map(|it| (key, it)));
    let mut output: Map<String, Value> = output.collect();
    let not_done = not_done(c, task).await?;
    let summary = [told(&not_done), summary].into_iter().flatten().collect::<Vec<_>>().join(" ");
    // A step of this name keeps its place: only a plan of the user's own has one, and its summary tells the rest.
    output.entry("not_done").or_insert(serde_json::to_value(&not_done)?);
    let artifacts = count_artifacts(c, task).await?;
    Ok(ninja_types::TaskResult {
        summary,
        output: Value::Object(output),
        main_artifact_id: artifacts.main.map(ninja_types::ArtifactId),
        artifact_count: artifacts.count,
    })
}

/// What the plan left out, and the optional steps that failed.
async fn not_done(c: &mut AsyncPgConnection, task: &Locked) -> DbResult<Vec<NotDone>> {
    let mut all = task.plan.not_done.clone();
    let failed: Vec<(String, Option<Value>)> = steps::table
        .filter(steps::task_id.eq(task.id.0).and(steps::status.eq("failed")))
        .order(steps::step_number)
        .select((steps::key, steps::error))
        .load(c)
        .await?;
    for (what, error) in failed {
        let failure: Failure = serde_json::from_value(error.unwrap_or_default())?;
        all.push(NotDone { what, code: failure.code, message: failure.message });
    }
    Ok(all)
}

/// The first sentence of a result that lacks something.
fn told(not_done: &[NotDone]) -> Option<String> {
    let one = |it: &NotDone| format!("{} ({})", it.what, it.code);
    let all: Vec<_> = not_done.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("Not done: {}.", all.join(", ")))
}

#[derive(QueryableByName)]
struct Artifacts {
    #[diesel(sql_type = sql_types::Integer)]
    count: i32,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    main: Option<Uuid>,
}

async fn count_artifacts(c: &mut AsyncPgConnection, task: &Locked) -> DbResult<Artifacts> {
    // The main one: the one that its step says so of; else the first path of the newest step that made any.
    let row = diesel::sql_query(
        "SELECT count(*)::int AS count, (array_agg(a.id ORDER BY a.is_main DESC, s.step_number DESC, a.path))[1] AS main
           FROM artifacts a JOIN steps s ON s.id = a.step_id WHERE a.task_id = $1",
    )
    .bind::<sql_types::Uuid, _>(task.id.0)
    .get_result(c)
    .await?;
    Ok(row)
}
