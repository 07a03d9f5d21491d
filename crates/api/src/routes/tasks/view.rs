use ninja_db::tasks::TaskRow;
use ninja_types::{
    Budget, OnUnsafe, PlanSource, Priority, TaskId, TaskStatus, TaskType, Time, Usage, Usd, UserId,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A task: what a user asked for, where it stands, and what came out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskView {
    #[schema(value_type = Uuid)]
    id: TaskId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// The template that it was made from.
    #[schema(required)]
    template_id: Option<Uuid>,
    /// 1 to 200 characters; the beginning of the description if none was given.
    title: String,
    description: String,
    /// `research`, `code`, `website`, `analysis`, `debug`, `documentation` or `custom`.
    #[schema(value_type = String)]
    task_type: TaskType,
    /// With every default filled in.
    #[schema(value_type = Object)]
    parameters: Value,
    /// `pending`, `running`, `waiting`, `paused`, `cancelling`, `completed`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    status: TaskStatus,
    /// Share of the required steps that completed, in per cent: 100 only when the task is completed.
    progress: i32,
    /// `normal` or `high`.
    #[schema(value_type = String)]
    priority: Priority,
    /// `provider/model` asked for; null: the configured order.
    #[schema(required)]
    model: Option<String>,
    /// What happens to a call that may act twice: `ask`, `deny` or `allow`.
    #[schema(value_type = String)]
    on_unsafe: OnUnsafe,
    tags: Vec<String>,
    /// Echoed, never interpreted.
    #[schema(value_type = Object)]
    metadata: Value,
    plan: PlanView,
    budget: BudgetView,
    usage: UsageView,
    /// Only of a waiting task: `reason`, `approval_id`, `since`, `wait_until`.
    #[schema(value_type = Option<Object>, required)]
    waiting: Option<Value>,
    /// Only of a completed task: `summary`, `output`, `main_artifact_id`, `artifact_count`.
    #[schema(value_type = Option<Object>, required)]
    result: Option<Value>,
    /// Only of a failed task: `code`, `message`, `step_id`, `data`.
    #[schema(value_type = Option<Object>, required)]
    error: Option<Value>,
    /// The task that it repeats.
    #[schema(required)]
    retry_of: Option<Uuid>,
    /// The task whose request it repeats.
    #[schema(required)]
    clone_of: Option<Uuid>,
    /// Number of the newest event.
    last_seq: i64,
    #[schema(value_type = DateTime<Utc>)]
    created_at: Time,
    #[schema(value_type = DateTime<Utc>)]
    updated_at: Time,
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    started_at: Option<Time>,
    /// Set in every terminal status.
    #[schema(value_type = Option<DateTime<Utc>>, required)]
    completed_at: Option<Time>,
}

/// Where a plan came from, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// `template`, `model`, `given` or `capability`.
    #[schema(value_type = String)]
    source: PlanSource,
    steps_total: i32,
    steps_completed: i32,
    steps_failed: i32,
}

/// What a task may use up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    /// US dollars with six decimals.
    #[schema(value_type = String)]
    max_cost_usd: Usd,
    max_tokens: u64,
    /// Counted while the task runs.
    max_wall_seconds: u32,
    max_calls: u32,
    /// `wait` or `fail`.
    #[schema(value_type = String)]
    on_exceeded: ninja_types::OnExceeded,
    /// Set aside for calls in flight.
    #[schema(value_type = String)]
    reserved_usd: Usd,
}

/// What a call, a step or a task used up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    model_calls: u64,
    tool_calls: u64,
    input_tokens: u64,
    /// Of these, the ones that the provider had cached.
    cached_input_tokens: u64,
    output_tokens: u64,
    /// US dollars with six decimals.
    #[schema(value_type = String)]
    cost_usd: Usd,
    wall_seconds: u64,
    /// Some figure is an estimate, because a provider reported none.
    estimated: bool,
}

impl From<TaskRow> for TaskView {
    fn from(row: TaskRow) -> Self {
        let (plan, Budget { max_cost_usd, max_tokens, max_wall_seconds, max_calls, on_exceeded }) =
            (row.plan.0, row.budget.0);
        Self {
            id: row.id,
            user_id: row.user_id,
            template_id: row.template_id,
            title: row.title,
            description: row.description,
            task_type: row.task_type,
            parameters: row.parameters,
            status: row.status,
            progress: progress(row.status, plan.required_completed, plan.required_total),
            priority: row.priority,
            model: row.model,
            on_unsafe: row.on_unsafe,
            tags: row.tags,
            metadata: row.metadata,
            plan: PlanView {
                source: plan.source,
                steps_total: plan.steps_total,
                steps_completed: plan.steps_completed,
                steps_failed: plan.steps_failed,
            },
            budget: BudgetView {
                max_cost_usd,
                max_tokens,
                max_wall_seconds,
                max_calls,
                on_exceeded,
                reserved_usd: Usd::from_micros(row.reserved),
            },
            usage: row.usage.0.into(),
            waiting: row.waiting,
            result: row.result,
            error: row.error,
            retry_of: row.retry_of,
            clone_of: row.clone_of,
            last_seq: row.last_seq,
            created_at: row.created_at,
            updated_at: row.updated_at,
            started_at: row.started_at.map(Time),
            completed_at: row.completed_at.map(Time),
        }
    }
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        Self {
            model_calls: usage.model_calls,
            tool_calls: usage.tool_calls,
            input_tokens: usage.input_tokens,
            cached_input_tokens: usage.cached_input_tokens,
            output_tokens: usage.output_tokens,
            cost_usd: usage.cost_usd,
            wall_seconds: usage.wall_seconds,
            estimated: usage.estimated,
        }
    }
}

fn progress(status: TaskStatus, completed: i32, required: i32) -> i32 {
    if status == TaskStatus::Completed {
        return 100;
    }
    (100 * completed).checked_div(required).map_or(0, |percent| percent.clamp(0, 99))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_completed_task_is_at_100_per_cent() {
        let running = TaskStatus::Running;
        assert_eq!(progress(running, 0, 0), 0);
        assert_eq!(progress(running, 1, 3), 33);
        assert_eq!(progress(running, 3, 3), 99);
        assert_eq!(progress(TaskStatus::Failed, 2, 3), 66);
        assert_eq!(progress(TaskStatus::Completed, 0, 0), 100);
    }
}
