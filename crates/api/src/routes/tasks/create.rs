use actix_web::post;
use actix_web::web::Data;
use chrono::Timelike;
use ninja_agents::{PlanErrors, TaskSpec};
use ninja_config::PlanLimits;
use ninja_db::idempotency::Answer;
use ninja_db::tasks::TaskRow;
use ninja_db::{files, templates};
use ninja_types::{Budget, FileId, OnExceeded, Priority, TaskId, TaskType};
use serde_json::{Map, Value};

use super::body::{BudgetBody, CreateTask};
use super::store::{Order, store};
use super::view::TaskView;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Once, Valid};
use crate::problem::{FieldCode, FieldError, Problem};

const MAX_TOKENS: u64 = 500_000;
const MAX_WALL_SECONDS: u32 = 7_200;
const MAX_CALLS: u32 = 200;
/// Characters of the description that make a title.
const TITLE: usize = 80;

/// Create a task
///
/// Task, steps, first jobs and first events are stored in one transaction: a task that is answered will run.
#[utoipa::path(
    operation_id = "createTask", tag = "tasks", security(("bearer" = ["tasks:write"])), request_body = CreateTask,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters: for 24 hours the same key gives the same answer")),
    responses(
        (status = 201, body = TaskView, headers(
            ("Location" = String, description = "Path of the task"),
            ("Idempotency-Replayed" = String, description = "`true`: an earlier request made it"),
        )),
        (status = 403, body = Problem, description = "`plan_limit`"),
        (status = 409, body = Problem, description = "`idempotency_in_flight`"),
        (status = 422, body = Problem, description = "`validation_failed`, `idempotency_key_reused`, `language_unavailable`"),
        (status = 429, body = Problem, description = "`quota_exceeded`"),
    ),
)]
#[post("/tasks")]
#[tracing::instrument(name = "api.tasks.create", skip_all, fields(user_id = %caller.id, task_id))]
pub(crate) async fn create(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    once: Once,
    Valid(body): Valid<CreateTask>,
) -> ApiResult<Created> {
    make(&app, &caller, once, body, None).await
}

/// Checks the body, plans, and stores the task: of a creation, and of a clone.
pub(super) async fn make(
    app: &App,
    caller: &Caller<TasksWrite>,
    once: Once,
    body: CreateTask,
    clone_of: Option<TaskId>,
) -> ApiResult<Created> {
    let limits = app.config.limits.of(caller.role);
    let budget = within_limits(&body, limits)?;
    well_named(body.model.as_deref())?;
    let (task_type, parameters) = asked(app, caller, &body).await?;
    let tables = tables(app, caller, task_type, &parameters).await?;
    let title = body.title.unwrap_or_else(|| short(&body.description));
    let spec = TaskSpec {
        title: &title,
        description: &body.description,
        task_type,
        parameters: &parameters,
        tables: &tables,
    };
    let plan = app.agents.plan(&spec).map_err(refused)?;
    let title = Some(title);
    let order = Order { body: CreateTask { title, ..body }, budget, task_type, plan, clone_of };
    store(app, caller, once, order).await
}

/// The title of a task that was given none.
pub(super) fn short(description: &str) -> String {
    description.chars().take(TITLE).collect()
}

pub(super) fn answer(task: &TaskRow) -> Answer {
    Created::answer(format!("/api/v1/tasks/{}", task.id), &TaskView::from(task.clone()))
}

/// The budget with its defaults, unless the role may not have it, or not this priority.
pub(super) fn within_limits(body: &CreateTask, limits: &PlanLimits) -> ApiResult<Budget> {
    if body.priority == Priority::High && !limits.high_priority {
        return Err(plan_limit("/priority", "must be normal".to_owned()));
    }
    budget(body.budget, None, limits)
}

/// What the body says, on top of an earlier task's budget or of the defaults, unless the role may not have it.
pub(super) fn budget(
    body: BudgetBody,
    before: Option<Budget>,
    limits: &PlanLimits,
) -> ApiResult<Budget> {
    let before = before.unwrap_or(Budget {
        max_cost_usd: limits.default_cost_usd,
        max_tokens: MAX_TOKENS,
        max_wall_seconds: MAX_WALL_SECONDS,
        max_calls: MAX_CALLS,
        on_exceeded: OnExceeded::Wait,
    });
    let BudgetBody { max_cost_usd, max_tokens, max_wall_seconds, max_calls, on_exceeded } = body;
    let max_cost_usd = max_cost_usd.unwrap_or(before.max_cost_usd);
    if max_cost_usd > limits.max_cost_usd {
        let message = format!("must be <= {}", limits.max_cost_usd);
        return Err(plan_limit("/budget/max_cost_usd", message));
    }
    Ok(Budget {
        max_cost_usd,
        max_tokens: max_tokens.unwrap_or(before.max_tokens),
        max_wall_seconds: max_wall_seconds.unwrap_or(before.max_wall_seconds),
        max_calls: max_calls.unwrap_or(before.max_calls),
        on_exceeded: on_exceeded.unwrap_or(before.on_exceeded),
    })
}

/// 403: the role does not allow so much.
pub(super) fn plan_limit(field: &str, message: String) -> ApiError {
    let error =
        ApiError::new(Code::PlanLimit, format!("Your role does not allow this: {message}."));
    error.with_errors(vec![FieldError::new(field, FieldCode::TooLarge, message)])
}

/// 422 for what cannot name a model. Whether it is there is known when it is asked: then others of its tier may follow.
pub(super) fn well_named(model: Option<&str>) -> ApiResult<()> {
    let named = |model: &str| {
        model.split_once('/').is_some_and(|(provider, model)| {
            !provider.is_empty() && !model.is_empty() && !model.contains('\0')
        })
    };
    if model.is_none_or(named) {
        return Ok(());
    }
    let message = "must be `provider/model`, such as `openai/gpt-5.4-mini`";
    Err(ApiError::field("/model", FieldCode::Pattern, message))
}

/// Type and parameters that the request asks for: its own, then those of its template.
async fn asked(
    app: &App,
    caller: &Caller<TasksWrite>,
    body: &CreateTask,
) -> ApiResult<(TaskType, Value)> {
    let named = body.task_type.as_deref().and_then(TaskType::from_input);
    let mut parameters = Map::new();
    let mut of_template = None;
    if let Some(id) = body.template_id {
        let row = templates::find(&mut *app.conn().await?, caller.id, id).await?;
        let row = row.ok_or_else(|| {
            let message = "names no template that you can use";
            ApiError::field("/template_id", FieldCode::UnknownReference, message)
        })?;
        of_template = Some(row.task_type);
        if let Value::Object(defaults) = row.parameters {
            parameters = defaults;
        }
    }
    parameters.extend(body.parameters.clone());
    match named.or(of_template) {
        Some(task_type) => Ok((task_type, Value::Object(parameters))),
        None => Err(ApiError::field(
            "/task_type",
            FieldCode::Required,
            "must be given, or a template_id",
        )),
    }
}

/// Those of the named uploads that are tables: the plan of an analysis depends on it.
async fn tables(
    app: &App,
    caller: &Caller<TasksWrite>,
    task_type: TaskType,
    parameters: &Value,
) -> ApiResult<Vec<FileId>> {
    if task_type != TaskType::Analysis {
        return Ok(Vec::new());
    }
    let named = parameters["files"].as_array().into_iter().flatten().take(50);
    let ids: Vec<FileId> = named.filter_map(|id| id.as_str()?.parse().ok()).collect();
    Ok(files::of_kind(&mut *app.conn().await?, caller.id, &ids, "table").await?)
}

pub(super) fn refused(PlanErrors(faults): PlanErrors) -> ApiError {
    ApiError::invalid(
        faults
            .into_iter()
            .map(|fault| FieldError::new(fault.pointer, code(fault.code), fault.message))
            .collect(),
    )
}

/// The catalogue speaks the codes of the contract, too.
fn code(word: &str) -> FieldCode {
    serde_json::from_value(word.into()).unwrap_or(FieldCode::Format)
}

/// 429 until the next day begins.
pub(super) fn quota_exceeded(app: &App) -> ApiError {
    let detail = "You created as many tasks today as your role may: go on tomorrow (UTC).";
    let left = 86_400 - app.clock.now().time().num_seconds_from_midnight();
    ApiError::new(Code::QuotaExceeded, detail).retry_after(left.into())
}
