use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::post;
use actix_web::web::{Data, Path};
use ninja_db::tasks;
use ninja_types::{AgentKind, OnUnsafe, Priority, TaskId, TaskType};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{self, BudgetBody, CreateTask};
use super::create::{answer, refused, well_named, within_limits};
use super::get::settled;
use super::store::{Order, store};
use super::view::TaskView;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Once, Valid};
use crate::problem::Problem;

/// What is asked of the capability.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invoke {
    /// As its schema asks for: `GET /agents/{type}/capabilities` shows it.
    #[schema(value_type = Object)]
    parameters: Map<String, Value>,
    /// For lists; the capability's name if absent.
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// `high` goes before your other tasks; a right of premium users.
    #[schema(schema_with = body::priorities)]
    #[serde(default = "body::normal")]
    priority: Priority,
    /// `provider/model`; null: the configured order.
    #[schema(min_length = 1, max_length = 200)]
    model: Option<String>,
    /// What happens to a call that may act twice in the world.
    #[schema(schema_with = body::policies)]
    #[serde(default = "body::ask")]
    on_unsafe: OnUnsafe,
    /// What the task may use up.
    #[serde(default)]
    budget: BudgetBody,
    /// Answer as soon as the task has ended or waits for a person, at the latest after so many seconds.
    #[schema(minimum = 0, maximum = 60, default = 0)]
    #[serde(default)]
    wait_seconds: u64,
}

/// Invoke a capability
///
/// A task of type `custom` with this one step; its parameters are checked before it is stored.
#[utoipa::path(
    operation_id = "invokeCapability", tag = "agents", security(("bearer" = ["tasks:write"])), request_body = Invoke,
    params(
        ("type" = String, Path, description = "The agent's type"),
        ("name" = String, Path, description = "The capability's name"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters: for 24 hours the same key gives the same answer"),
    ),
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
#[post("/agents/{type}/capabilities/{name}/invoke")]
#[tracing::instrument(name = "api.agents.invoke", skip_all, fields(user_id = %caller.id, task_id))]
pub(crate) async fn invoke(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    path: Path<(String, String)>,
    once: Once,
    Valid(body): Valid<Invoke>,
) -> ApiResult<Created> {
    let (kind, name) = path.into_inner();
    let agent: AgentKind = kind.parse().map_err(|_unknown| ApiError::not_found())?;
    let cards = app.agents.agents();
    let known = cards.iter().filter(|card| card.kind == agent);
    if !known.flat_map(|card| &card.capabilities).any(|one| one.name == name) {
        return Err(ApiError::not_found());
    }
    well_named(body.model.as_deref())?;
    let parameters = Value::Object(body.parameters);
    let plan = app.agents.invoke(agent, &name, &parameters).map_err(refused)?;
    let request = CreateTask {
        description: format!("{kind}: {name}"),
        task_type: None,
        title: body.title.or(Some(name)),
        parameters: Map::new(),
        template_id: None,
        priority: body.priority,
        model: body.model,
        on_unsafe: body.on_unsafe,
        budget: body.budget,
        tags: Vec::new(),
        metadata: BTreeMap::new(),
    };
    let budget = within_limits(&request, app.config.limits.of(caller.role))?;
    let order = Order { body: request, budget, task_type: TaskType::Custom, plan, clone_of: None };
    let created = store(&app, &caller, once, order).await?;
    match created.id() {
        Some(task) if body.wait_seconds > 0 => waited(&app, &caller, task, body.wait_seconds).await,
        _ => Ok(created),
    }
}

/// The task as it stands when it has ended, or when the time is over.
async fn waited(
    app: &App,
    caller: &Caller<TasksWrite>,
    task: TaskId,
    seconds: u64,
) -> ApiResult<Created> {
    let found = tasks::find(&mut *app.conn().await?, caller.owner(), task).await?;
    let row = found.ok_or_else(ApiError::not_found)?;
    settled(app, &row, Duration::from_secs(seconds)).await?;
    let found = tasks::find(&mut *app.conn().await?, caller.owner(), task).await?;
    Ok(Created::now(answer(&found.ok_or_else(ApiError::not_found)?)))
}
