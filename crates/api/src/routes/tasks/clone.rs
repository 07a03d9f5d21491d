use std::collections::BTreeMap;

use actix_web::post;
use actix_web::web::Data;
use ninja_db::tasks::TaskRow;
use ninja_types::{Budget, OnUnsafe, Priority, TaskId, TemplateId};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{self, BudgetBody, CreateTask};
use super::create::{make, short};
use super::look;
use super::view::TaskView;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Once, ValidOrDefault};
use crate::problem::Problem;

/// What is to differ from the task that is cloned; what is absent or null is as there.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloneTask {
    /// What is wanted, in your words.
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// What kind of work.
    #[schema(schema_with = body::task_types)]
    task_type: Option<String>,
    /// For lists.
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// All of them: they replace those of the other task.
    #[schema(value_type = Option<Object>)]
    parameters: Option<Map<String, Value>>,
    /// Gives every parameter that the task does not have.
    #[schema(value_type = Option<uuid::Uuid>)]
    template_id: Option<TemplateId>,
    /// `normal` or `high`.
    #[schema(schema_with = body::priorities)]
    priority: Option<Priority>,
    /// `provider/model`.
    #[schema(min_length = 1, max_length = 200)]
    model: Option<String>,
    /// What happens to a call that may act twice in the world.
    #[schema(schema_with = body::policies)]
    on_unsafe: Option<OnUnsafe>,
    /// Its limits, one by one.
    #[serde(default)]
    budget: BudgetBody,
    /// Up to 10 words of yours.
    #[schema(schema_with = body::tags)]
    tags: Option<Vec<String>>,
    /// Up to 20 pairs of yours.
    #[schema(schema_with = body::metadata)]
    metadata: Option<BTreeMap<String, String>>,
}

/// Clone a task
///
/// Makes a new task of the same request, whatever became of the first. Nothing is reused, and the request is checked as
/// any new one is.
#[utoipa::path(
    operation_id = "cloneTask", tag = "tasks", security(("bearer" = ["tasks:write"])), request_body = CloneTask,
    params(
        ("id" = uuid::Uuid, Path, description = "The task"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters: for 24 hours the same key gives the same answer"),
    ),
    responses(
        (status = 201, body = TaskView, headers(
            ("Location" = String, description = "Path of the new task"),
            ("Idempotency-Replayed" = String, description = "`true`: an earlier request made it"),
        )),
        (status = 403, body = Problem, description = "`plan_limit`"),
        (status = 409, body = Problem, description = "`idempotency_in_flight`"),
        (status = 422, body = Problem, description = "`validation_failed`, `idempotency_key_reused`, `language_unavailable`"),
        (status = 429, body = Problem, description = "`quota_exceeded`"),
    ),
)]
#[post("/tasks/{id}/clone")]
#[tracing::instrument(name = "api.tasks.clone", skip_all, fields(user_id = %caller.id, source = %source, task_id))]
pub(crate) async fn clone(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(source): Id<TaskId>,
    once: Once,
    ValidOrDefault(body): ValidOrDefault<CloneTask>,
) -> ApiResult<Created> {
    let old = look(&app, &caller, source).await?;
    let request = request(old, body)?;
    make(&app, &caller, once, request, Some(source)).await
}

/// The request of the old task with what is to differ.
fn request(old: TaskRow, new: CloneTask) -> ApiResult<CreateTask> {
    // A title that was made of the description follows it.
    let own_title = (old.title != short(&old.description)).then_some(old.title);
    let parameters = serde_json::from_value(old.parameters).map_err(ApiError::internal);
    let metadata = serde_json::from_value(old.metadata).map_err(ApiError::internal);
    Ok(CreateTask {
        description: new.description.unwrap_or(old.description),
        task_type: Some(new.task_type.unwrap_or_else(|| old.task_type.to_string())),
        title: new.title.or(own_title),
        parameters: new.parameters.map_or(parameters, Ok)?,
        template_id: new.template_id.or(old.template_id.map(TemplateId)),
        priority: new.priority.unwrap_or(old.priority),
        model: new.model.or(old.model),
        on_unsafe: new.on_unsafe.unwrap_or(old.on_unsafe),
        budget: limits(old.budget.0, new.budget),
        tags: new.tags.unwrap_or(old.tags),
        metadata: new.metadata.map_or(metadata, Ok)?,
    })
}

fn limits(old: Budget, new: BudgetBody) -> BudgetBody {
    BudgetBody {
        max_cost_usd: new.max_cost_usd.or(Some(old.max_cost_usd)),
        max_tokens: new.max_tokens.or(Some(old.max_tokens)),
        max_wall_seconds: new.max_wall_seconds.or(Some(old.max_wall_seconds)),
        max_calls: new.max_calls.or(Some(old.max_calls)),
        on_exceeded: new.on_exceeded.or(Some(old.on_exceeded)),
    }
}
