use actix_web::get;
use actix_web::web::Data;
use ninja_db::tasks;
use ninja_types::{StepId, TaskId};
use serde::Serialize;
use utoipa::ToSchema;

use super::look;
use super::view::UsageView;
use crate::answer::Found;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::ApiResult;
use crate::extract::Id;

/// What a task used up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskUsageView {
    total: UsageView,
    by_step: Vec<StepUsageView>,
    by_model: Vec<ModelUsageView>,
}

/// What a step used up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepUsageView {
    #[schema(value_type = uuid::Uuid)]
    step_id: StepId,
    usage: UsageView,
}

/// What the calls of one model used up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelUsageView {
    /// `provider/model`
    model: String,
    usage: UsageView,
}

/// Get the usage of a task
#[utoipa::path(
    operation_id = "getTaskUsage", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(("id" = uuid::Uuid, Path, description = "The task")),
    responses((status = 200, body = TaskUsageView)),
)]
#[get("/tasks/{id}/usage")]
#[tracing::instrument(name = "api.tasks.usage", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn usage(
    app: Data<App>,
    caller: Caller<TasksRead>,
    Id(task): Id<TaskId>,
) -> ApiResult<Found<TaskUsageView>> {
    let row = look(&app, &caller, task).await?;
    let mut conn = app.conn().await?;
    let steps = tasks::steps(&mut conn, caller.owner(), task).await?.unwrap_or_default();
    let models = tasks::usage_by_model(&mut conn, task).await?;
    let of_step = |entry: tasks::StepEntry| StepUsageView {
        step_id: entry.step.id,
        usage: entry.step.usage.0.into(),
    };
    Ok(Found(TaskUsageView {
        total: row.usage.0.into(),
        by_step: steps.into_iter().map(of_step).collect(),
        by_model: models
            .into_iter()
            .map(|(model, usage)| ModelUsageView { model, usage: usage.into() })
            .collect(),
    }))
}
