//! Tasks: created, looked at, followed, cancelled, deleted; paused, told something, done again. `create.rs` shows how a
//! request becomes work, `status.rs` what a task says that cannot do what is asked.

mod body;
mod budget;
mod cancel;
mod clone;
mod create;
mod delete;
mod events;
mod explain;
mod get;
mod invoke;
mod list;
mod messages;
mod pause;
mod resume;
mod retry;
mod stats;
mod status;
mod step_view;
mod steps;
mod store;
mod stream;
mod templates;
mod usage;
mod view;

use ninja_config::LimitsConfig;
use ninja_db::tasks::TaskRow;
use ninja_db::{Slots, tasks};
use ninja_types::{Role, TaskId};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};

/// Words before placeholders: `templates` is not the id of a task.
pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(templates::list)
        .service(templates::find)
        .service(stats::stats)
        .service(create::create)
        .service(invoke::invoke)
        .service(list::list)
        .service(get::get)
        .service(delete::delete)
        .service(cancel::cancel)
        .service(pause::pause)
        .service(resume::resume)
        .service(retry::retry)
        .service(clone::clone)
        .service(messages::post)
        .service(budget::raise)
        .service(steps::steps)
        .service(steps::calls)
        .service(events::read)
        .service(explain::read)
        .service(usage::usage);
}

/// How many jobs of a user may be live, by role.
fn slots(limits: &LimitsConfig) -> Slots {
    Slots {
        user: limits.user.concurrent_steps.into(),
        premium: limits.premium.concurrent_steps.into(),
        admin: limits.admin.concurrent_steps.into(),
    }
}

/// The task, if the caller may see it. An administrator's look at somebody else's is written down.
pub(crate) async fn look<P>(app: &App, caller: &Caller<P>, task: TaskId) -> ApiResult<TaskRow> {
    let row = tasks::find(&mut *app.conn().await?, caller.owner(), task).await?;
    let row = row.ok_or_else(ApiError::not_found)?;
    app.witness(caller, row.user_id, "task", task.0).await?;
    Ok(row)
}

/// The same for routes that need no row: only administrators can see what is not theirs.
async fn witness<P>(app: &App, caller: &Caller<P>, task: TaskId) -> ApiResult<()> {
    match caller.role {
        Role::Admin => look(app, caller, task).await.map(drop),
        _ => Ok(()),
    }
}
