use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{ArtifactId, Event, StepId, TaskStatus, Usage};
use serde_json::Value;

use crate::calls;
use crate::locked::{self, Locked};
use crate::schema::{artifacts, jobs, steps};
use crate::steps::advance;
use crate::steps::successor::{self, Passed, Shortcut};
use crate::{DbResult, Lease, Settled};

/// What a completed attempt leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDone {
    /// A sentence for a person.
    pub summary: String,
    /// The capability's result; written once.
    pub output: Value,
    /// The contract's checks, all passed: `[{name, passed, detail}]`.
    pub checks: Value,
    /// What it used up.
    pub usage: Usage,
    /// Files that it made; their bytes are in the file store.
    pub artifacts: Vec<NewArtifact>,
}

/// A file that a step made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArtifact {
    /// Chosen before, so that the step's result can name it.
    pub id: ArtifactId,
    /// Relative, with `/`.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// Media type.
    pub content_type: String,
    /// Of the bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The one to look at first, of all that the task makes.
    pub main: bool,
}

/// Ends a step as completed: result, artifacts, events and the next steps' jobs in one transaction. With a shortcut it
/// also claims one successor, which then takes over the slot.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    lease: &Lease,
    done: &StepDone,
    shortcut: Option<&Shortcut>,
) -> DbResult<Settled> {
    transact!(conn, |c| {
        let mut task = locked::lock_fenced(c, lease).await?;
        calls::charge_open(c, &mut task, &[lease.subject]).await?;
        let usage = usage_of(c, &task, lease, done.usage).await?;
        let (number, required) = complete(c, lease, done, usage).await?;
        let artifact_ids = store_artifacts(c, &mut task, lease, &done.artifacts).await?;
        diesel::delete(jobs::table.find(lease.job.0)).execute(c).await?;
        task.count_completed(required, usage);
        task.tell(Event::StepCompleted {
            step_id: StepId(lease.subject),
            step_number: number,
            summary: done.summary.clone(),
            artifact_ids,
            usage,
            taken_over_from: None,
        });
        go_on(c, task, lease, shortcut).await
    })
}

/// What the attempt says of its tools, and what the journal says of models: it knows what earlier attempts paid.
async fn usage_of(
    c: &mut AsyncPgConnection,
    task: &Locked,
    lease: &Lease,
    told: Usage,
) -> DbResult<Usage> {
    if task.usage.model_calls == 0 {
        return Ok(told);
    }
    let Usage { tool_calls, wall_seconds, .. } = told;
    let paid = calls::paid(c, lease.subject).await?;
    Ok(Usage { tool_calls, wall_seconds, ..paid })
}

async fn complete(
    c: &mut AsyncPgConnection,
    lease: &Lease,
    done: &StepDone,
    usage: Usage,
) -> DbResult<(i32, bool)> {
    let row = diesel::update(steps::table.find(lease.subject))
        .filter(steps::status.eq("running"))
        .set((
            steps::status.eq("completed"),
            steps::summary.eq(&done.summary),
            steps::result.eq(&done.output),
            steps::checks.eq(&done.checks),
            steps::usage.eq(serde_json::to_value(usage)?),
            steps::completed_at.eq(now),
        ))
        .returning((steps::step_number, steps::required))
        .get_result(c)
        .await?;
    Ok(row)
}

async fn store_artifacts(
    c: &mut AsyncPgConnection,
    task: &mut Locked,
    lease: &Lease,
    made: &[NewArtifact],
) -> DbResult<Vec<ArtifactId>> {
    let mut ids = Vec::with_capacity(made.len());
    let mut rows = Vec::with_capacity(made.len());
    for file in made {
        let id = file.id;
        ids.push(id);
        rows.push((
            artifacts::id.eq(id.0),
            artifacts::task_id.eq(lease.task.0),
            artifacts::step_id.eq(lease.subject),
            artifacts::user_id.eq(lease.user.0),
            artifacts::path.eq(&file.path),
            artifacts::size.eq(file.size),
            artifacts::content_type.eq(&file.content_type),
            artifacts::sha256.eq(&file.sha256),
            artifacts::is_main.eq(file.main),
        ));
        task.tell(Event::ArtifactCreated {
            artifact_id: id,
            step_id: StepId(lease.subject),
            path: file.path.clone(),
            size: file.size,
            content_type: file.content_type.clone(),
            sha256: file.sha256.clone(),
        });
    }
    if !rows.is_empty() {
        diesel::insert_into(artifacts::table).values(rows).execute(c).await?;
    }
    Ok(ids)
}

/// After a step closed well, or an optional one badly: opens what it set free, or ends the task.
pub(crate) async fn go_on(
    c: &mut AsyncPgConnection,
    mut task: Locked,
    lease: &Lease,
    shortcut: Option<&Shortcut>,
) -> DbResult<Settled> {
    let (mut pushes, mut next, mut freed) = (Vec::new(), None, true);
    if task.status == TaskStatus::Cancelling {
        super::end::close_cancelled_if_idle(c, &mut task).await?;
    } else {
        let owed = advance::go_on(c, &mut task).await?;
        if let ([first, ..], TaskStatus::Running) = (owed.as_slice(), task.status) {
            freed = false;
            // The claim of a job asks for the wall time; the shortcut past it must not.
            let shortcut = shortcut.filter(|_| task.wall_spent().is_none());
            match successor::pass_slot(c, &mut task, lease, first, shortcut).await? {
                Passed::Claimed(claimed) => next = Some(claimed),
                Passed::Released(push) => pushes.push(push),
            }
        }
    }
    let closed = task.status.is_terminal().then_some(task.status);
    let notice = task.save(c).await?;
    Ok(Settled { pushes, next, freed, closed, ..Settled::of(lease, notice) })
}
