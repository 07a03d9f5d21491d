use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AgentKind, ArtifactId, CallKind, CallState, Effect, Failure, FailureCode, Limit, MessageId,
    ModelErrorClass, PlanSource, Pool, Priority, RetryReason, StepId, TaskId, TaskStatus, TaskType,
    TemplateId, Time, Usage, Usd, UserId, WaitReason, WorkerId,
};

/// One fact about a task, before it has its number. Serialises to `{"type":…,"data":…}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "task.created")]
    TaskCreated {
        title: String,
        task_type: TaskType,
        status: TaskStatus,
        priority: Priority,
        template_id: Option<TemplateId>,
        retry_of: Option<TaskId>,
        clone_of: Option<TaskId>,
    },
    #[serde(rename = "task.started")]
    TaskStarted { status: TaskStatus },
    #[serde(rename = "plan.created")]
    PlanCreated { source: PlanSource, steps: Vec<PlannedStep> },
    #[serde(rename = "step.ready")]
    StepReady { step_id: StepId, step_number: i32, pool: Pool },
    #[serde(rename = "step.started")]
    StepStarted { step_id: StepId, step_number: i32, attempt: i32, epoch: i64, worker_id: WorkerId },
    #[serde(rename = "call.started")]
    CallStarted {
        step_id: StepId,
        call_no: i32,
        epoch: i64,
        kind: CallKind,
        name: String,
        effect: Effect,
        reserved_usd: Usd,
    },
    #[serde(rename = "call.finished")]
    CallFinished {
        step_id: StepId,
        call_no: i32,
        epoch: i64,
        kind: CallKind,
        name: String,
        state: CallState,
        duration_ms: i64,
        cost_usd: Usd,
    },
    #[serde(rename = "model.fallback")]
    ModelFallback {
        step_id: StepId,
        call_no: i32,
        from: String,
        to: String,
        class: ModelErrorClass,
    },
    #[serde(rename = "call.repeated")]
    CallRepeated { step_id: StepId, call_no: i32, epoch: i64, reason: RetryReason },
    #[serde(rename = "step.diverged")]
    StepDiverged { step_id: StepId, call_no: i32, epoch: i64 },
    #[serde(rename = "step.retried")]
    StepRetried {
        step_id: StepId,
        attempt: i32,
        epoch: i64,
        reason: RetryReason,
        code: Option<FailureCode>,
        not_before: Option<Time>,
    },
    #[serde(rename = "step.completed")]
    StepCompleted {
        step_id: StepId,
        step_number: i32,
        summary: String,
        artifact_ids: Vec<ArtifactId>,
        usage: Usage,
        /// The step of the earlier task that did the work; `None`: it was done here.
        #[serde(default)]
        taken_over_from: Option<StepId>,
    },
    #[serde(rename = "step.waiting")]
    StepWaiting { step_id: StepId, reason: WaitReason, approval_id: Option<uuid::Uuid> },
    #[serde(rename = "step.failed")]
    StepFailed { step_id: StepId, step_number: i32, required: bool, error: Failure },
    #[serde(rename = "step.skipped")]
    StepSkipped { step_id: StepId, step_number: i32, reason: String },
    #[serde(rename = "step.cancelled")]
    StepCancelled { step_id: StepId, step_number: i32 },
    #[serde(rename = "artifact.created")]
    ArtifactCreated {
        artifact_id: ArtifactId,
        step_id: StepId,
        path: String,
        size: i64,
        content_type: String,
        sha256: String,
    },
    #[serde(rename = "message.received")]
    MessageReceived { message_id: MessageId, content: String },
    #[serde(rename = "budget.exhausted")]
    BudgetExhausted { limit: Limit, used: Value, asked: Value, max: Value },
    #[serde(rename = "budget.changed")]
    BudgetChanged {
        max_cost_usd: Usd,
        max_tokens: u64,
        max_wall_seconds: u32,
        max_calls: u32,
        by: UserId,
    },
    #[serde(rename = "task.waiting")]
    TaskWaiting { reason: WaitReason, approval_id: Option<uuid::Uuid>, wait_until: Time },
    #[serde(rename = "task.paused")]
    TaskPaused { by: UserId },
    #[serde(rename = "task.resumed")]
    TaskResumed { from: TaskStatus },
    #[serde(rename = "task.progress")]
    TaskProgress { progress: i32, steps_completed: i32, steps_total: i32 },
    #[serde(rename = "task.stalled")]
    TaskStalled { reasons: Vec<StallReason> },
    #[serde(rename = "task.cancelling")]
    TaskCancelling { by: UserId },
    #[serde(rename = "task.completed")]
    TaskCompleted { status: TaskStatus, result: TaskResult, usage: Usage },
    #[serde(rename = "task.failed")]
    TaskFailed { status: TaskStatus, error: Value, usage: Usage },
    #[serde(rename = "task.cancelled")]
    TaskCancelled { status: TaskStatus, by: UserId, usage: Usage },
}

/// One step as `plan.created` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its id.
    pub step_id: StepId,
    /// From 1, in the order of the plan.
    pub step_number: i32,
    /// Who does it.
    pub agent_type: AgentKind,
    /// Which capability; `None` where the agent's loop decides.
    pub capability: Option<String>,
    /// Steps that must be closed first.
    pub depends_on: Vec<StepId>,
}

/// Why an open task has not moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StallReason {
    /// As in `explain`.
    pub code: String,
    /// The step that is stuck.
    pub step_id: Option<StepId>,
    /// A sentence.
    pub detail: String,
}

/// What a completed task answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskResult {
    /// One or two sentences for a person.
    pub summary: String,
    /// The last steps' outputs by key.
    pub output: Value,
    /// The artifact to look at first.
    pub main_artifact_id: Option<ArtifactId>,
    /// How many artifacts the task made.
    pub artifact_count: i32,
}

/// Something that a task was to do besides, and did not: no result hides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotDone {
    /// The parameter that asked for it, or the key of the step that was to do it.
    pub what: String,
    /// Why.
    pub code: FailureCode,
    /// What happened and what to do, in a sentence.
    pub message: String,
}

/// An event as every channel tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The task.
    pub task_id: TaskId,
    /// Gapless from 1: a client that has `seq` has missed nothing before it.
    pub seq: i64,
    /// Such as `step.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As the contract lists it for the type.
    pub data: Value,
    /// When its transaction began.
    pub created_at: Time,
}

impl EventRecord {
    /// Nothing follows this event.
    pub fn is_terminal(&self) -> bool {
        matches!(self.kind.as_str(), "task.completed" | "task.failed" | "task.cancelled")
    }
}
