use actix_web::http::StatusCode;
use actix_web::post;
use actix_web::web::Data;
use ninja_db::DbError;
use ninja_db::idempotency::Answer;
use ninja_db::tasks::{self, MessageRow, NewMessage, Posted};
use ninja_types::{AgentKind, FileId, MessageId, TaskId, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::status::{Wish, wrong_status};
use super::witness;
use crate::answer::Created;
use crate::app::App;
use crate::caller::{Caller, TasksWrite};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, Once, Valid};
use crate::problem::{FieldCode, FieldError, Problem};

/// What a running task is to know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostMessage {
    /// In your words.
    #[schema(min_length = 1, max_length = 20_000)]
    content: String,
    /// Ids of your uploaded files that it speaks of.
    #[schema(max_items = 20, value_type = Vec<uuid::Uuid>)]
    #[serde(default)]
    files: Vec<FileId>,
}

/// A message, as it is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    #[schema(value_type = uuid::Uuid)]
    id: MessageId,
    content: String,
    #[schema(value_type = DateTime<Utc>)]
    created_at: Time,
}

/// Tell a task something
///
/// Its steps that ask a model read it before their next model call. Where none is left, nobody would: that is refused.
#[utoipa::path(
    operation_id = "postTaskMessage", tag = "tasks", security(("bearer" = ["tasks:write"])), request_body = PostMessage,
    params(
        ("id" = uuid::Uuid, Path, description = "The task"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters: for 24 hours the same key gives the same answer"),
    ),
    responses(
        (status = 202, body = MessageView, description = "It is stored, to be read"),
        (status = 409, body = Problem, description = "`wrong_status`: no step that asks a model is left; `idempotency_in_flight`"),
        (status = 422, body = Problem, description = "`validation_failed`, `idempotency_key_reused`"),
    ),
)]
#[post("/tasks/{id}/messages")]
#[tracing::instrument(name = "api.tasks.message", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn post(
    app: Data<App>,
    caller: Caller<TasksWrite>,
    Id(task): Id<TaskId>,
    once: Once,
    Valid(body): Valid<PostMessage>,
) -> ApiResult<Created> {
    witness(&app, &caller, task).await?;
    let mut files = body.files.clone();
    files.sort_unstable();
    files.dedup();
    let content = storable(body.content)?;
    let new = NewMessage { by: caller.id, content, files, readers: readers(&app) };
    let once = once.json(caller.id, answer);
    let mut conn = app.conn().await?;
    let posted = tasks::post_message(&mut conn, caller.owner(), task, &new, once.as_ref()).await;
    let posted = posted.map_err(|error| not_stored(error, &body.files))?;
    match posted.ok_or_else(ApiError::not_found)? {
        Posted::Stored(row, notice) => {
            app.notify(&notice);
            Ok(Created::now(answer(&row)))
        }
        Posted::Replayed(answer) => Ok(Created::replayed(answer)),
        Posted::NoReader(status) => Err(wrong_status(status, Wish::Message)),
    }
}

fn answer(row: &MessageRow) -> Answer {
    let (id, content, created_at) = (row.id, row.content.clone(), row.created_at);
    Created::acted(StatusCode::ACCEPTED, &MessageView { id, content, created_at })
}

/// What asks a model in this build: a planner, and what says so.
fn readers(app: &App) -> Vec<(AgentKind, Option<&'static str>)> {
    std::iter::once((AgentKind::Planner, None)).chain(app.agents.readers()).collect()
}

/// PostgreSQL keeps no NUL character in a text.
fn storable(content: String) -> ApiResult<String> {
    if content.contains('\0') {
        let message = "must not hold a NUL character";
        return Err(ApiError::field("/content", FieldCode::Pattern, message));
    }
    Ok(content)
}

fn not_stored(error: DbError, named: &[FileId]) -> ApiError {
    let DbError::UnknownFiles(unknown) = error else { return error.into() };
    let wrong = named.iter().enumerate().filter(|(_, id)| unknown.contains(id));
    let error = |(i, _): (usize, &FileId)| {
        let message = "names no file of yours";
        FieldError::new(format!("/files/{i}"), FieldCode::UnknownReference, message)
    };
    ApiError::invalid(wrong.map(error).collect())
}
