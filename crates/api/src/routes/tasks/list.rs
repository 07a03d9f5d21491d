use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use ninja_db::tasks::{self, Filter, Place};
use ninja_db::{Owner, audit};
use ninja_types::{Role, TaskStatus, TaskType, TemplateId};
use serde::Deserialize;
use serde_json::json;

use super::view::TaskView;
use crate::answer::List;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Page, PageParams, words};
use crate::problem::{FieldCode, Problem};

/// What the list is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskFilter {
    /// One or more statuses, separated by commas.
    #[param(max_length = 200)]
    status: Option<String>,
    /// One or more task types, separated by commas.
    #[param(max_length = 200)]
    task_type: Option<String>,
    /// Has this tag.
    #[param(min_length = 1, max_length = 50)]
    tag: Option<String>,
    /// Made from this template.
    #[param(value_type = Option<uuid::Uuid>)]
    template_id: Option<TemplateId>,
    /// The title contains this, whatever its case.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Created at this moment or later.
    created_after: Option<DateTime<Utc>>,
    /// Created before this moment.
    created_before: Option<DateTime<Utc>>,
    /// Administrators: whose tasks, or `all`. Your own if absent.
    #[param(pattern = "^(all|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$")]
    user_id: Option<String>,
}

/// List tasks
///
/// Newest first. Administrators see their own too, unless they say `user_id`.
#[utoipa::path(
    operation_id = "listTasks", tag = "tasks", security(("bearer" = ["tasks:read"])), params(TaskFilter, PageParams),
    responses((status = 200, body = List<TaskView>), (status = 403, body = Problem, description = "`forbidden`")),
)]
#[get("/tasks")]
#[tracing::instrument(name = "api.tasks.list", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn list(
    app: Data<App>,
    caller: Caller<TasksRead>,
    page: Page<TaskFilter>,
) -> ApiResult<List<TaskView>> {
    let filter = filter(&page.filter)?;
    let owner = owner(&caller, page.filter.user_id.as_deref())?;
    if owner != Owner::User(caller.id) {
        let details = json!({"list": "tasks", "user_id": page.filter.user_id});
        let act = caller.act("admin.access").with(details);
        audit::record(&mut *app.conn().await?, &act).await?;
    }
    let place = page.after()?.map(|(created_at, id)| Place { created_at, id });
    let rows = tasks::list(&mut *app.conn().await?, owner, &filter, place, page.fetch()).await?;
    Ok(page.list(rows, |row| (row.created_at, row.id), TaskView::from))
}

/// Whose tasks to list. Only administrators see those of others.
fn owner(caller: &Caller<TasksRead>, asked: Option<&str>) -> ApiResult<Owner> {
    let Some(asked) = asked else { return Ok(Owner::User(caller.id)) };
    let owner = match asked.parse() {
        Ok(user) => Owner::User(user),
        Err(_all) => Owner::Anyone,
    };
    if caller.role == Role::Admin || owner == Owner::User(caller.id) {
        return Ok(owner);
    }
    Err(ApiError::new(Code::Forbidden, "Only administrators see the tasks of other users."))
}

fn filter(asked: &TaskFilter) -> ApiResult<Filter> {
    let status = asked.status.as_deref().map_or_else(
        || Ok(vec![]),
        |text| {
            let all: Vec<_> = TaskStatus::ALL.iter().map(|status| status.as_str()).collect();
            words("status", text, &all)
        },
    )?;
    Ok(Filter {
        status,
        task_type: asked.task_type.as_deref().map_or_else(|| Ok(vec![]), task_types)?,
        tag: asked.tag.clone(),
        template_id: asked.template_id,
        q: asked.q.clone(),
        created_after: asked.created_after,
        created_before: asked.created_before,
    })
}

/// Long names of the first release are taken too.
fn task_types(text: &str) -> ApiResult<Vec<TaskType>> {
    text.split(',')
        .map(|word| {
            TaskType::from_input(word).ok_or_else(|| {
                let all: Vec<_> = TaskType::ALL.iter().map(|kind| kind.as_str()).collect();
                let message = format!("must be some of {}, separated by commas", all.join(", "));
                ApiError::field("query:task_type", FieldCode::NotInEnum, message)
            })
        })
        .collect()
}
