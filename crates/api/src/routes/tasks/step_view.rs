use ninja_db::tasks::{CallEntry, StepEntry};
use ninja_types::{
    AgentKind, CallKind, CallState, Effect, Pool, StepId, StepStatus, TaskId, Time, Usd,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::UsageView;

/// One agent's piece of work inside a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepView {
    #[schema(value_type = Uuid)]
    id: StepId,
    #[schema(value_type = Uuid)]
    task_id: TaskId,
    /// From 1, in the order of the plan.
    step_number: i32,
    /// The plan's name for it.
    key: String,
    /// `researcher`, `coder`, `writer`, `analyst`, `debugger`, `planner` or `noop`.
    #[schema(value_type = String)]
    agent_type: AgentKind,
    /// Null where the agent has only one thing to do.
    #[schema(required)]
    capability: Option<String>,
    description: String,
    /// Whose workers run it.
    #[schema(value_type = String)]
    pool: Pool,
    /// The task fails if it fails.
    required: bool,
    /// Steps that must be closed before it begins.
    depends_on: Vec<Uuid>,
    /// `pending`, `ready`, `running`, `waiting`, `completed`, `failed`, `skipped` or `cancelled`.
    #[schema(value_type = String)]
    status: StepStatus,
    /// Attempts so far.
    attempt: i32,
    /// Raised by every attempt and takeover.
    epoch: i64,
    #[schema(value_type = Object)]
    inputs: Value,
    /// Only of a completed step.
    #[schema(value_type = Option<Object>, required)]
    result: Option<Value>,
    /// Only of a failed step: `code`, `message`, `data`.
    #[schema(value_type = Option<Object>, required)]
    error: Option<Value>,
    /// What was checked before it counted as completed: `name`, `passed`, `detail`.
    #[schema(value_type = Vec<Object>)]
    checks: Value,
    artifact_ids: Vec<Uuid>,
    usage: UsageView,
    #[schema(required)]
    worker_id: Option<Uuid>,
    /// It is not tried again before this time.
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    not_before: Option<Time>,
    #[schema(value_type = DateTime<Utc>)]
    created_at: Time,
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    ready_at: Option<Time>,
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    started_at: Option<Time>,
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    completed_at: Option<Time>,
}

impl From<StepEntry> for StepView {
    fn from(StepEntry { step, not_before, artifact_ids }: StepEntry) -> Self {
        Self {
            id: step.id,
            task_id: step.task_id,
            step_number: step.step_number,
            key: step.key,
            agent_type: step.agent_type,
            capability: step.capability,
            description: step.description,
            pool: step.pool,
            required: step.required,
            depends_on: step.depends_on,
            status: step.status,
            attempt: step.attempt,
            epoch: step.epoch,
            inputs: step.inputs,
            result: step.result,
            error: step.error,
            checks: step.checks,
            artifact_ids,
            usage: step.usage.0.into(),
            worker_id: step.worker_id,
            not_before: not_before.map(Time),
            created_at: step.created_at,
            ready_at: step.ready_at.map(Time),
            started_at: step.started_at.map(Time),
            completed_at: step.completed_at.map(Time),
        }
    }
}

/// One recorded model call or tool call of a step. Requests and answers over 64 KiB are cut: then they are `{"truncated": true,
/// "text": …}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallView {
    /// From 1 within the step.
    call_no: i32,
    /// Of the attempt that made it.
    epoch: i64,
    /// `model` or `tool`.
    #[schema(value_type = String)]
    kind: CallKind,
    /// Which tool, or `provider/model`.
    name: String,
    /// What a takeover may do with it: `pure`, `idempotent` or `unsafe`.
    #[schema(value_type = String)]
    effect: Effect,
    /// `intended`, `done` or `superseded`.
    #[schema(value_type = String)]
    state: CallState,
    #[schema(value_type = Object)]
    request: Value,
    #[schema(value_type = Option<Object>, required)]
    response: Option<Value>,
    #[schema(value_type = Option<Object>, required)]
    error: Option<Value>,
    /// Who answered; only of a model call.
    #[schema(required)]
    provider: Option<String>,
    /// Which model answered; only of a model call.
    #[schema(required)]
    model: Option<String>,
    /// `provider/model` that was asked before this one, in vain.
    #[schema(required)]
    fallback_from: Option<String>,
    /// Null until it is answered.
    #[schema(required)]
    usage: Option<UsageView>,
    #[schema(value_type = String)]
    cost_usd: Usd,
    #[schema(value_type = DateTime<Utc>)]
    started_at: Time,
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    finished_at: Option<Time>,
}

impl From<CallEntry> for CallView {
    fn from(call: CallEntry) -> Self {
        Self {
            call_no: call.call_no,
            epoch: call.epoch,
            kind: call.kind,
            effect: call.effect,
            state: call.state,
            request: call.request,
            response: call.response,
            error: call.error,
            provider: call.provider,
            model: call.model,
            fallback_from: call.fallback_from,
            usage: call.answered_at.map(|_| call.usage.0.into()),
            cost_usd: Usd::from_micros(call.cost),
            started_at: call.started_at,
            finished_at: call.answered_at.map(Time),
            name: call.name,
        }
    }
}
