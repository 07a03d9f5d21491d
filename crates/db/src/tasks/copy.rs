//! What a retry takes over from the task before it.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ArtifactId, Event, FileId, PlannedStep, StepId, StepStatus, TaskId, Usage};
use serde_json::Value;
use uuid::Uuid;

use super::{NewRetry, PlanState};
use crate::DbResult;
use crate::locked::Locked;
use crate::schema::{artifacts, steps, task_files};
use crate::steps::{Graph, Node};

/// Which steps of a plan are taken over, and what every step is called in the new task.
pub(super) struct Kept {
    /// In the order of the plan: the old id, the new one, whether its work is taken over.
    steps: Vec<(Uuid, Uuid, bool)>,
    required: i32,
}

/// An artifact that is taken over, as it is called in the new task.
pub(super) struct Copied {
    step: Uuid,
    old: Uuid,
    new: ArtifactId,
}

impl Kept {
    /// Completed steps before `from` (all, if `None`), save those that build on a completed one which is done again.
    pub(super) fn of(graph: &Graph, from: Option<i32>) -> Result<Self, String> {
        if let Some(from) = from {
            reachable(graph, from)?;
        }
        let before = |node: &Node| from.is_none_or(|from| node.number < from);
        let completed = |node: &&Node| node.status == StepStatus::Completed;
        let mut again: HashSet<Uuid> =
            graph.0.iter().filter(completed).filter(|it| !before(it)).map(|it| it.id).collect();
        loop {
            let builds = |node: &&Node| node.depends_on.iter().any(|id| again.contains(id));
            let more = graph.0.iter().filter(completed).filter(builds).map(|node| node.id);
            let more: Vec<Uuid> = more.filter(|id| !again.contains(id)).collect();
            if more.is_empty() {
                break;
            }
            again.extend(more);
        }
        let kept = |node: &Node| completed(&node) && !again.contains(&node.id);
        let steps = graph.0.iter().map(|node| (node.id, StepId::new().0, kept(node))).collect();
        let required = graph.0.iter().filter(|node| node.required && kept(node)).count();
        Ok(Self { steps, required: i32::try_from(required).unwrap_or(i32::MAX) })
    }

    /// Whether anything is taken over.
    pub(super) fn any(&self) -> bool {
        self.steps.iter().any(|(_, _, kept)| *kept)
    }

    fn count(&self) -> i32 {
        i32::try_from(self.steps.iter().filter(|(_, _, kept)| *kept).count()).unwrap_or(i32::MAX)
    }

    fn taken(&self) -> impl Iterator<Item = (Uuid, Uuid)> {
        self.steps.iter().filter(|(_, _, kept)| *kept).map(|(old, new, _)| (*old, *new))
    }

    fn columns(&self) -> (Vec<Uuid>, Vec<Uuid>, Vec<bool>) {
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for (old, new, kept) in &self.steps {
            columns.0.push(*old);
            columns.1.push(*new);
            columns.2.push(*kept);
        }
        columns
    }
}

/// A step that one can begin with: it exists, and nothing that it needs is missing.
fn reachable(graph: &Graph, from: i32) -> Result<(), String> {
    let Some(step) = graph.0.iter().find(|node| node.number == from) else {
        return Err(format!("must be a step of the task: 1 to {}", graph.0.len()));
    };
    let missing = graph.0.iter().find(|node| {
        step.depends_on.contains(&node.id) && node.required && node.status != StepStatus::Completed
    });
    match missing {
        None => Ok(()),
        Some(node) => Err(format!(
            "cannot be reached: step {}, which it depends on, did not complete; begin with that one",
            node.number
        )),
    }
}

/// The task's row, without what it used up and what became of it.
pub(super) async fn task(
    c: &mut AsyncPgConnection,
    old: &Locked,
    new: &NewRetry,
    kept: &Kept,
) -> DbResult<()> {
    let plan = PlanState {
        steps_completed: kept.count(),
        steps_failed: 0,
        required_completed: kept.required,
        ..old.plan.clone()
    };
    diesel::sql_query(
        "INSERT INTO tasks (id, user_id, template_id, retry_of, title, description, task_type, parameters, priority, model,
                            on_unsafe, tags, metadata, plan, budget, usage)
         SELECT $1, user_id, template_id, id, title, description, task_type, parameters, priority, coalesce($6, model),
                on_unsafe, tags, metadata, $3, $4, $5 FROM tasks WHERE id = $2",
    )
    .bind::<SqlUuid, _>(new.id.0)
    .bind::<SqlUuid, _>(old.id.0)
    .bind::<Jsonb, _>(serde_json::to_value(plan)?)
    .bind::<Jsonb, _>(serde_json::to_value(new.budget)?)
    .bind::<Jsonb, _>(serde_json::to_value(Usage::default())?)
    .bind::<Nullable<Text>, _>(new.model.as_ref())
    .execute(c)
    .await?;
    Ok(())
}

/// The uploads that the task was given, those that were deleted since too.
pub(super) async fn files(c: &mut AsyncPgConnection, task: TaskId) -> DbResult<Vec<FileId>> {
    let ids: Vec<Uuid> = task_files::table
        .filter(task_files::task_id.eq(task.0))
        .order(task_files::file_id)
        .select(task_files::file_id)
        .load(c)
        .await?;
    Ok(ids.into_iter().map(FileId).collect())
}

/// What the task was given of other tasks.
pub(super) async fn given(c: &mut AsyncPgConnection, old: TaskId, new: TaskId) -> DbResult<()> {
    diesel::sql_query(
        "INSERT INTO task_artifacts (task_id, artifact_id, path, size, content_type, sha256)
         SELECT $2, artifact_id, path, size, content_type, sha256 FROM task_artifacts WHERE task_id = $1",
    )
    .bind::<SqlUuid, _>(old.0)
    .bind::<SqlUuid, _>(new.0)
    .execute(c)
    .await?;
    Ok(())
}

/// The artifacts of the steps that are taken over, with the ids of their copies.
pub(super) async fn artifacts(c: &mut AsyncPgConnection, kept: &Kept) -> DbResult<Vec<Copied>> {
    let steps: Vec<Uuid> = kept.taken().map(|(old, _)| old).collect();
    let rows: Vec<(Uuid, Uuid)> = artifacts::table
        .filter(artifacts::step_id.eq_any(steps))
        .order(artifacts::id)
        .select((artifacts::step_id, artifacts::id))
        .load(c)
        .await?;
    Ok(rows.into_iter().map(|(step, old)| Copied { step, old, new: ArtifactId::new() }).collect())
}

/// The results that are taken over, in the order of [`Kept::columns`]: where one names an artifact, it names the copy.
async fn results(
    c: &mut AsyncPgConnection,
    kept: &Kept,
    copied: &[Copied],
) -> DbResult<Vec<Option<Value>>> {
    let taken: Vec<Uuid> = kept.taken().map(|(old, _)| old).collect();
    let rows: Vec<(Uuid, Option<Value>)> = steps::table
        .filter(steps::id.eq_any(taken))
        .select((steps::id, steps::result))
        .load(c)
        .await?;
    let mut results = HashMap::with_capacity(rows.len());
    for (step, result) in rows {
        let Some(result) = result else { continue };
        let mut text = result.to_string();
        for artifact in copied {
            text = text.replace(&artifact.old.to_string(), &artifact.new.to_string());
        }
        results.insert(step, serde_json::from_str(&text)?);
    }
    Ok(kept.steps.iter().map(|(old, _, _)| results.remove(old)).collect())
}

/// The plan under new ids: completed where it is taken over, pending elsewhere.
pub(super) async fn steps(
    c: &mut AsyncPgConnection,
    task: TaskId,
    kept: &Kept,
    copied: &[Copied],
) -> DbResult<()> {
    let results = results(c, kept, copied).await?;
    let (old, new, taken) = kept.columns();
    diesel::sql_query(
        "WITH named AS (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bool[], $5::jsonb[])
                          AS named (old, new, taken, result))
         INSERT INTO steps (id, task_id, step_number, key, agent_type, capability, description, pool, required, requires,
                            inputs, depends_on, status, attempt, epoch, summary, result, checks, ready_at, started_at,
                            completed_at)
         SELECT n.new, $1, s.step_number, s.key, s.agent_type, s.capability, s.description, s.pool, s.required, s.requires,
                s.inputs,
                ARRAY(SELECT d.new FROM unnest(s.depends_on) WITH ORDINALITY AS u (id, place)
                        JOIN named d ON d.old = u.id ORDER BY u.place),
                CASE WHEN n.taken THEN 'completed' ELSE 'pending' END,
                CASE WHEN n.taken THEN s.attempt ELSE 0 END, CASE WHEN n.taken THEN s.epoch ELSE 0 END,
                CASE WHEN n.taken THEN s.summary END, n.result,
                CASE WHEN n.taken THEN s.checks ELSE '[]' END, CASE WHEN n.taken THEN s.ready_at END,
                CASE WHEN n.taken THEN s.started_at END, CASE WHEN n.taken THEN s.completed_at END
           FROM named n JOIN steps s ON s.id = n.old",
    )
    .bind::<SqlUuid, _>(task.0)
    .bind::<Array<SqlUuid>, _>(old)
    .bind::<Array<SqlUuid>, _>(new)
    .bind::<Array<Bool>, _>(taken)
    .bind::<Array<Nullable<Jsonb>>, _>(results)
    .execute(c)
    .await?;
    Ok(())
}

/// The journal of the steps that are taken over. It was paid for already: here it costs nothing.
pub(super) async fn calls(c: &mut AsyncPgConnection, kept: &Kept) -> DbResult<()> {
    let (old, new): (Vec<Uuid>, Vec<Uuid>) = kept.taken().unzip();
    diesel::sql_query(
        "INSERT INTO step_calls (step_id, call_no, epoch, kind, name, effect, state, request_hash, request, response, error, v,
                                 started_at, answered_at)
         SELECT n.new, c.call_no, c.epoch, c.kind, c.name, c.effect, c.state, c.request_hash, c.request, c.response, c.error,
                c.v, c.started_at, c.answered_at
           FROM unnest($1::uuid[], $2::uuid[]) AS n (old, new) JOIN step_calls c ON c.step_id = n.old
          WHERE c.state <> 'superseded' ORDER BY c.id",
    )
    .bind::<Array<SqlUuid>, _>(old)
    .bind::<Array<SqlUuid>, _>(new)
    .execute(c)
    .await?;
    Ok(())
}

type StepColumns = (Uuid, i32, String, Option<String>, Vec<Uuid>);

/// The plan as `plan.created` tells it.
pub(super) async fn planned(c: &mut AsyncPgConnection, task: TaskId) -> DbResult<Vec<PlannedStep>> {
    let rows: Vec<StepColumns> = steps::table
        .filter(steps::task_id.eq(task.0))
        .order(steps::step_number)
        .select((
            steps::id,
            steps::step_number,
            steps::agent_type,
            steps::capability,
            steps::depends_on,
        ))
        .load(c)
        .await?;
    rows.into_iter()
        .map(|(id, step_number, agent, capability, depends_on)| {
            Ok(PlannedStep {
                step_id: StepId(id),
                step_number,
                agent_type: agent.parse()?,
                capability,
                depends_on: depends_on.into_iter().map(StepId).collect(),
            })
        })
        .collect()
}

/// For each step that is taken over, in the order of the plan: its artifacts, as rows of their own that name the same
/// bytes, and the event that says where its work was done.
pub(super) async fn artifacts_and_events(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    kept: &Kept,
    copied: &[Copied],
) -> DbResult<()> {
    for (old, new) in kept.taken() {
        let mut artifact_ids = Vec::new();
        for artifact in copied.iter().filter(|artifact| artifact.step == old) {
            copy_artifact(c, task, artifact, new).await?;
            artifact_ids.push(artifact.new);
        }
        let (step_number, summary): (i32, Option<String>) = steps::table
            .find(new)
            .select((steps::step_number, steps::summary))
            .get_result(c)
            .await?;
        task.tell(Event::StepCompleted {
            step_id: StepId(new),
            step_number,
            summary: summary.unwrap_or_default(),
            artifact_ids,
            usage: Usage::default(),
            taken_over_from: Some(StepId(old)),
        });
    }
    Ok(())
}

async fn copy_artifact(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    artifact: &Copied,
    step: Uuid,
) -> DbResult<()> {
    diesel::sql_query(
        "INSERT INTO artifacts (id, task_id, step_id, user_id, path, size, content_type, sha256, is_main)
         SELECT $2, $3, $4, user_id, path, size, content_type, sha256, is_main FROM artifacts WHERE id = $1",
    )
    .bind::<SqlUuid, _>(artifact.old)
    .bind::<SqlUuid, _>(artifact.new.0)
    .bind::<SqlUuid, _>(task.id.0)
    .bind::<SqlUuid, _>(step)
    .execute(c)
    .await?;
    let columns = (artifacts::path, artifacts::size, artifacts::content_type, artifacts::sha256);
    let (path, size, content_type, sha256) =
        artifacts::table.find(artifact.new.0).select(columns).get_result(c).await?;
    let (artifact_id, step_id) = (artifact.new, StepId(step));
    task.tell(Event::ArtifactCreated { artifact_id, step_id, path, size, content_type, sha256 });
    Ok(())
}
