use actix_web::http::StatusCode;
use actix_web::post;
use actix_web::web::Data;
use ninja_db::idempotency::Answer;
use ninja_db::tasks::{self, Raise, Raised, TaskRow};
use ninja_types::{Budget, Limit, TaskId, Usd};
use serde::Deserialize;
use utoipa::ToSchema;

use super::create::plan_limit;
use super::status::{Wish, wrong_status};
use super::view::TaskView;
use super::{slots, witness};
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Once, Valid};
use crate::problem::{FieldCode, FieldError, Problem};

/// What to add to a task's budget: one at least.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the words of the contract")]
pub(crate) struct RaiseBudget {
    /// US dollars, such as `"0.50"`.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,9}(\\.[0-9]{1,6})?$")]
    add_cost_usd: Option<Usd>,
    /// Tokens read and written.
    #[schema(minimum = 1, maximum = 10_000_000)]
    add_tokens: Option<u64>,
    /// Seconds in `running`.
    #[schema(minimum = 1, maximum = 86_400)]
    add_wall_seconds: Option<u32>,
    /// Model and tool calls.
    #[schema(minimum = 1, maximum = 2_000)]
    add_calls: Option<u32>,
}

/// Give a task a larger budget
///
/// A step that waits for it goes on at the same call.
#[utoipa::path(
    operation_id = "raiseTaskBudget", tag = "tasks", security(("bearer" = ["tasks:write"])), request_body = RaiseBudget,
    params(
        ("id" = uuid::Uuid, Path, description = "The task"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters: for 24 hours the same key gives the same answer"),
    ),
    responses(
        (status = 200, body = TaskView, headers(
            ("Idempotency-Replayed" = String, description = "`true`: an earlier request did it"),
        )),
        (status = 403, body = Problem, description = "`plan_limit`"),
        (status = 409, body = Problem, description = "`wrong_status`: it has ended, or is about to; `idempotency_in_flight`"),
        (status = 422, body = Problem, description = "`validation_failed`, `idempotency_key_reused`"),
    ),
)]
#[post("/tasks/{id}/budget")]
#[tracing::instrument(name = "api.tasks.budget", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn raise(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(task): Id<TaskId>,
    once: Once,
    Valid(body): Valid<RaiseBudget>,
) -> ApiResult<Created> {
    let more = asked(&body)?;
    witness(&app, &caller, task).await?;
    let most = app.config.limits.of(caller.role).max_cost_usd;
    let slots = slots(&app.config.limits);
    let once = once.json(caller.id, answer);
    let mut conn = app.conn().await?;
    let raised = tasks::raise_budget(
        &mut conn,
        (caller.owner(), task),
        caller.id,
        (&more, most),
        (&slots, once.as_ref()),
    );
    match raised.await?.ok_or_else(ApiError::not_found)? {
        Raised::Done(changed) => {
            app.tell(&changed);
            Ok(Created::now(answer(&changed.task)))
        }
        Raised::Replayed(answer) => Ok(Created::replayed(answer)),
        Raised::Refused(status) => Err(wrong_status(status, Wish::Budget)),
        Raised::TooMuch(limits, budget) => Err(too_much(&limits, budget, most)),
    }
}

fn answer(task: &TaskRow) -> Answer {
    Created::acted(StatusCode::OK, &TaskView::from(task.clone()))
}

fn asked(body: &RaiseBudget) -> ApiResult<Raise> {
    let more = Raise {
        cost_usd: body.add_cost_usd.unwrap_or_default(),
        tokens: body.add_tokens.unwrap_or_default(),
        wall_seconds: body.add_wall_seconds.unwrap_or_default(),
        calls: body.add_calls.unwrap_or_default(),
    };
    if body.add_cost_usd.is_some_and(|cost| cost == Usd::default()) {
        return Err(ApiError::field("/add_cost_usd", FieldCode::TooSmall, "must be above 0"));
    }
    if more == Raise::default() {
        let message =
            "must name one at least: add_cost_usd, add_tokens, add_wall_seconds, add_calls";
        return Err(ApiError::field("", FieldCode::Required, message));
    }
    Ok(more)
}

/// A limit of the role is 403; what no task may have is 422.
fn too_much(limits: &[Limit], budget: Budget, most: Usd) -> ApiError {
    if limits.contains(&Limit::Cost) {
        let left = Usd::from_micros((most.micros() - budget.max_cost_usd.micros()).max(0));
        return plan_limit(
            "/add_cost_usd",
            format!("must be <= {left}, or the task has more than {most}"),
        );
    }
    let error = |limit: &Limit| {
        let (field, most) = match limit {
            Limit::Cost | Limit::UserDay | Limit::InstallationDay | Limit::InstallationMonth => {
                ("/add_cost_usd", 0)
            }
            Limit::Tokens => ("/add_tokens", Budget::MOST_TOKENS.saturating_sub(budget.max_tokens)),
            Limit::WallSeconds => {
                let left = Budget::MOST_WALL_SECONDS.saturating_sub(budget.max_wall_seconds);
                ("/add_wall_seconds", left.into())
            }
            Limit::Calls => {
                ("/add_calls", Budget::MOST_CALLS.saturating_sub(budget.max_calls).into())
            }
        };
        FieldError::new(field, FieldCode::TooLarge, format!("must be <= {most} for this task"))
    };
    ApiError::invalid(limits.iter().map(error).collect())
}
