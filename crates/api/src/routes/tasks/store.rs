use ninja_agents::{Plan, PlanArtifact, PlanFile};
use ninja_db::idempotency::Outcome;
use ninja_db::tasks::{self, NewPlan, NewStep, NewTask};
use ninja_db::{DbError, workers};
use ninja_types::{Budget, FileId, TaskId, TaskType};
use serde_json::Value;
use tracing::Span;
use tracing::field::display;

use super::body::CreateTask;
use super::create::{answer, quota_exceeded, short};
use super::slots;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Once;
use crate::problem::{FieldCode, FieldError};

/// A request that was checked, with the plan that was made of it.
pub(super) struct Order {
    pub(super) body: CreateTask,
    pub(super) budget: Budget,
    pub(super) task_type: TaskType,
    pub(super) plan: Plan,
    pub(super) clone_of: Option<TaskId>,
}

/// Stores the task: of a creation, a clone, or a capability that is invoked.
pub(super) async fn store(
    app: &App,
    caller: &Caller<TasksWrite>,
    once: Once,
    order: Order,
) -> ApiResult<Created> {
    let Order { body, budget, task_type, plan, clone_of } = order;
    provided(app, &plan).await?;
    let once = once.json(caller.id, answer);
    let files: Vec<FileId> = plan.files.iter().map(|file| file.id).collect();
    let (named, made) = (plan.files.clone(), plan.artifacts.clone());
    let limits = app.config.limits.of(caller.role);
    let new = NewTask {
        id: TaskId::new(),
        owner: caller.id,
        clone_of,
        template_id: body.template_id,
        title: body.title.unwrap_or_else(|| short(&body.description)),
        description: body.description,
        task_type,
        priority: body.priority,
        model: body.model,
        on_unsafe: body.on_unsafe,
        tags: body.tags,
        metadata: body.metadata.into_iter().map(|(key, text)| (key, Value::from(text))).collect(),
        budget,
        files: distinct(files),
        artifacts: distinct(made.iter().map(|artifact| artifact.id).collect()),
        slots: slots(&app.config.limits),
        tasks_per_day: i32::try_from(limits.tasks_per_day).unwrap_or(i32::MAX),
        parameters: plan.parameters.clone(),
        plan: stored_plan(plan),
    };
    let stored = tasks::create(&mut *app.conn().await?, &new, once.as_ref()).await;
    match stored.map_err(|error| not_stored(error, app, &named, &made))? {
        Outcome::Done(made) => {
            Span::current().record("task_id", display(made.task.id));
            app.push(&made.pushes);
            app.notify(&made.notice);
            Ok(Created::now(answer(&made.task)))
        }
        Outcome::Replayed(answer) => Ok(Created::replayed(answer)),
    }
}

/// Every language of the plan was proved by a worker of the last day.
async fn provided(app: &App, plan: &Plan) -> ApiResult<()> {
    if plan.languages.is_empty() {
        return Ok(());
    }
    let mut there = workers::provided_lately(&mut *app.conn().await?).await?;
    there.retain(|id| app.agents.languages().any(|language| language == id));
    let message = match there.as_slice() {
        [] => "cannot be had: no worker of the last day runs programs".to_owned(),
        there => format!("must be one of {}", there.join(", ")),
    };
    let missing = plan.languages.iter().filter(|language| !there.contains(&language.id));
    let errors: Vec<_> = missing
        .map(|language| FieldError::new(&language.pointer, FieldCode::NotAvailable, &message))
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let detail = format!("A language of this task {message}.");
    Err(ApiError::new(Code::LanguageUnavailable, detail).with_errors(errors))
}

/// Files of others are as unknown as files that never were.
fn not_stored(error: DbError, app: &App, named: &[PlanFile], made: &[PlanArtifact]) -> ApiError {
    match error {
        DbError::QuotaExceeded => quota_exceeded(app),
        DbError::UnknownFiles(unknown) => {
            let message = "names no file of yours";
            let error = |file: &PlanFile| {
                FieldError::new(&file.pointer, FieldCode::UnknownReference, message)
            };
            let named = named.iter().filter(|file| unknown.contains(&file.id));
            ApiError::invalid(named.map(error).collect())
        }
        DbError::UnknownArtifacts(unknown) => {
            let message = "names no artifact of yours";
            let error = |artifact: &PlanArtifact| {
                FieldError::new(&artifact.pointer, FieldCode::UnknownReference, message)
            };
            let made = made.iter().filter(|artifact| unknown.contains(&artifact.id));
            ApiError::invalid(made.map(error).collect())
        }
        other => other.into(),
    }
}

fn distinct<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn stored_plan(plan: Plan) -> NewPlan {
    let step = |step: ninja_agents::PlanStep| NewStep {
        key: step.key,
        agent: step.agent,
        capability: step.capability,
        description: step.description,
        required: step.required,
        depends_on: step.depends_on,
        requires: step.requires,
        inputs: step.inputs,
    };
    let (source, not_done) = (plan.source, plan.not_done);
    NewPlan { source, steps: plan.steps.into_iter().map(step).collect(), not_done }
}
