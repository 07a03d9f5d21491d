use ninja_agents::{InputArtifact, InputFile, StepError, StepInputs, StepWork};
use ninja_db::steps::{self, NewArtifact, StepDone, Work};
use ninja_db::{DbResult, Lease};
use ninja_types::{Failure, FailureCode};
use tracing::Span;
use tracing::field::display;

use super::record_error;
use crate::recorder::StepRecorder;
use crate::running::Stop;
use crate::worker::Worker;

/// One attempt of a step: loads what it starts from, runs its agent over the journal of the attempts before.
#[tracing::instrument(
    name = "worker.run_step",
    skip_all,
    fields(job_id = %lease.job, epoch = lease.epoch, task_id, step_id),
)]
pub(super) async fn run(
    worker: &Worker,
    lease: &Lease,
    stop: &Stop,
) -> Result<StepDone, StepError> {
    let work = load(worker, lease).await.map_err(record_error)?;
    Span::current()
        .record("task_id", display(work.task.id))
        .record("step_id", display(work.step.id));
    let (work, calls) = step_work(work)?;
    let recorder = StepRecorder::new(worker, lease, stop, &work, calls);
    let done =
        ninja_agents::run(&work, (&worker.bench, &worker.models), &recorder, stop.token()).await?;
    row(done)
}

/// No connection is held across the work.
async fn load(worker: &Worker, lease: &Lease) -> DbResult<Work> {
    steps::load(&mut *worker.conn().await?, lease).await
}

fn step_work(work: Work) -> Result<(StepWork, Vec<steps::CallRow>), StepError> {
    let inputs: StepInputs = serde_json::from_value(work.step.inputs).map_err(|error| {
        tracing::error!(%error, "the stored inputs of a step cannot be read");
        let message = "The inputs of this step were stored by another version of the product.";
        StepError::Fail(Failure::new(FailureCode::PlanInvalid, message))
    })?;
    let file = |file: steps::WorkFile| InputFile {
        id: file.id,
        filename: file.filename,
        sha256: file.sha256,
    };
    let artifact = |made: steps::WorkArtifact| InputArtifact {
        id: made.id,
        step: made.step_key,
        path: made.path,
        size: made.size.try_into().unwrap_or_default(),
        content_type: made.content_type,
        sha256: made.sha256,
    };
    let step = StepWork {
        task: work.task.id,
        title: work.task.title,
        description: work.task.description,
        model: work.task.model,
        step: work.step.id,
        agent: work.step.agent,
        capability: work.step.capability,
        inputs,
        results: work.inputs,
        files: work.files.into_iter().map(file).collect(),
        artifacts: work.artifacts.into_iter().map(artifact).collect(),
    };
    Ok((step, work.calls))
}

/// What the agent did, as the rows take it.
fn row(done: ninja_agents::StepDone) -> Result<StepDone, StepError> {
    let internal = |cause: &dyn std::fmt::Display| {
        tracing::error!(%cause, "the outcome of a step cannot be stored");
        let message = "This is our fault; the worker's log has the cause.";
        StepError::Fail(Failure::new(FailureCode::Internal, message))
    };
    let checks = serde_json::to_value(&done.checks).map_err(|error| internal(&error))?;
    let artifact = |made: ninja_agents::NewArtifact| {
        let size = i64::try_from(made.size).map_err(|error| internal(&error))?;
        let ninja_agents::NewArtifact { id, path, content_type, sha256, main, .. } = made;
        Ok(NewArtifact { id, path, size, content_type, sha256, main })
    };
    let artifacts = done.artifacts.into_iter().map(artifact).collect::<Result<_, StepError>>()?;
    let (summary, output, usage) = (done.summary, done.output, done.usage);
    Ok(StepDone { summary, output, checks, usage, artifacts })
}
