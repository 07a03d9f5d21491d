use actix_web::get;
use actix_web::web::Data;
use ninja_db::templates::{self, TemplateRow};
use ninja_types::{TaskType, TemplateId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::answer::{Found, List};
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// Named defaults for a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    #[schema(value_type = Uuid)]
    id: TemplateId,
    name: String,
    description: String,
    #[schema(value_type = String)]
    task_type: TaskType,
    /// What a task takes from it unless its request says otherwise.
    #[schema(value_type = Object)]
    parameters: Value,
    /// JSON Schema of the parameters of the task type.
    #[schema(value_type = Object)]
    parameters_schema: Value,
    /// Came with the product.
    is_builtin: bool,
}

/// List templates
///
/// The built-in ones, then your own.
#[utoipa::path(
    operation_id = "listTaskTemplates", tag = "tasks", security(("bearer" = ["tasks:read"])),
    responses((status = 200, body = List<TemplateView>)),
)]
#[get("/tasks/templates")]
#[tracing::instrument(name = "api.tasks.templates", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn list(
    app: Data<App>,
    caller: Caller<TasksRead>,
) -> ApiResult<List<TemplateView>> {
    let rows = templates::list(&mut *app.conn().await?, caller.id).await?;
    Ok(List::full(rows.into_iter().map(|row| view(&app, row)).collect()))
}

/// Get a template
#[utoipa::path(
    operation_id = "getTaskTemplate", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(("id" = Uuid, Path, description = "The template")),
    responses((status = 200, body = TemplateView)),
)]
#[get("/tasks/templates/{id}")]
#[tracing::instrument(name = "api.tasks.template", skip_all, fields(user_id = %caller.id, template_id = %id))]
pub(crate) async fn find(
    app: Data<App>,
    caller: Caller<TasksRead>,
    Id(id): Id<TemplateId>,
) -> ApiResult<Found<TemplateView>> {
    let row = templates::find(&mut *app.conn().await?, caller.id, id).await?;
    Ok(Found(view(&app, row.ok_or_else(ApiError::not_found)?)))
}

fn view(app: &App, row: TemplateRow) -> TemplateView {
    TemplateView {
        id: row.id,
        name: row.name,
        description: row.description,
        task_type: row.task_type,
        parameters: row.parameters,
        parameters_schema: app.agents.parameters_schema(row.task_type),
        is_builtin: row.user_id.is_none(),
    }
}
