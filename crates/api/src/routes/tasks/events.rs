use actix_web::http::header::ACCEPT;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use ninja_db::events;
use ninja_db::tasks::TaskRow;
use ninja_types::{EventRecord, TaskId, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::look;
use super::stream::Live;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, ValidQuery};
use crate::hub::Transport;
use crate::problem::{FieldCode, Problem};

/// Where to begin.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// Events with a greater number.
    #[param(minimum = 0, default = 0)]
    after: Option<i64>,
    /// How many at most; only for JSON.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// Also output as it appears, as events `delta` without a number; only for streams.
    #[param(default = false)]
    deltas: Option<bool>,
}

/// One fact about a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    #[schema(value_type = uuid::Uuid)]
    task_id: TaskId,
    /// Gapless from 1.
    seq: i64,
    /// Such as `step.completed`.
    #[serde(rename = "type")]
    kind: String,
    #[schema(value_type = Object)]
    data: Value,
    #[schema(value_type = DateTime<Utc>)]
    created_at: Time,
}

/// A page of events, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventList {
    data: Vec<EventView>,
    /// For `after` of the next page: number of the last event here; null where the page is empty.
    #[schema(required)]
    next_cursor: Option<String>,
    /// Whether there are more already.
    has_more: bool,
    /// Number of the task's newest event.
    last_seq: i64,
}

/// Read or follow the events of a task
///
/// A page of JSON; or, with `Accept: text/event-stream`, all events after the cursor and then each as it happens, until
/// the terminal one. `Last-Event-ID` wins over `after`. Nothing to come any more: 204.
#[utoipa::path(
    operation_id = "listTaskEvents", tag = "tasks", security(("bearer" = ["tasks:read"])),
    params(
        ("id" = uuid::Uuid, Path, description = "The task"), Since,
        ("Last-Event-ID" = Option<String>, Header, description = "Number of the last event that was seen"),
    ),
    responses(
        (status = 200, content((EventList = "application/json"), (String = "text/event-stream"))),
        (status = 204, description = "The stream was seen to its end"),
        (status = 429, body = Problem, description = "`rate_limited`: too many open streams"),
    ),
)]
#[get("/tasks/{id}/events")]
#[tracing::instrument(name = "api.tasks.events", skip_all, fields(user_id = %caller.id, task_id = %task))]
pub(crate) async fn read(
    app: Data<App>,
    caller: Caller<TasksRead>,
    request: HttpRequest,
    Id(task): Id<TaskId>,
    ValidQuery(since): ValidQuery<Since>,
) -> ApiResult<HttpResponse> {
    let row = look(&app, &caller, task).await?;
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/event-stream")) {
        stream(&app, &caller, &row, &request, &since)
    } else {
        page(&app, &row, &since).await
    }
}

async fn page(app: &App, row: &TaskRow, since: &Since) -> ApiResult<HttpResponse> {
    let (after, limit) = (since.after.unwrap_or(0), since.limit.unwrap_or(50));
    let page = events::page(&mut *app.conn().await?, row.id, after, limit).await?;
    let last = page.last().map(|event| event.seq);
    let last_seq = row.last_seq.max(last.unwrap_or(0));
    Ok(HttpResponse::Ok().json(EventList {
        next_cursor: last.map(|seq| seq.to_string()),
        has_more: last.is_some_and(|seq| seq < last_seq),
        data: page.into_iter().map(EventView::from).collect(),
        last_seq,
    }))
}

fn stream(
    app: &Data<App>,
    caller: &Caller<TasksRead>,
    row: &TaskRow,
    request: &HttpRequest,
    since: &Since,
) -> ApiResult<HttpResponse> {
    let after = cursor(request, since, row.last_seq)?;
    if row.status.is_terminal() && after == row.last_seq {
        return Ok(HttpResponse::NoContent().finish());
    }
    let limit = app.config.limits.of(caller.role).sockets;
    let seat = app.seats.take(caller.id, limit, Transport::Sse)?;
    let follower = app.hub.follow(row.id, row.last_seq, after, since.deltas.unwrap_or(false));
    let beat = app.config.server.heartbeat_seconds.duration();
    let (app, session) = (app.clone(), caller.session);
    Ok(Live { app, session, follower, _seat: seat, beat }.answer())
}

/// `Last-Event-ID`, else `after`. A number that the task has not reached cannot have been seen.
fn cursor(request: &HttpRequest, since: &Since, last_seq: i64) -> ApiResult<i64> {
    let header = request.headers().get("Last-Event-ID");
    let (after, field) = match header {
        Some(value) => {
            let number = value.to_str().ok().and_then(|text| text.parse().ok());
            (number.unwrap_or(-1), "header:Last-Event-ID")
        }
        None => (since.after.unwrap_or(0), "query:after"),
    };
    if after < 0 {
        return Err(ApiError::field(field, FieldCode::Format, "must be the number of an event"));
    }
    if after > last_seq {
        let message = format!("must be <= {last_seq}, the newest event");
        return Err(ApiError::field(field, FieldCode::TooLarge, message));
    }
    Ok(after)
}

impl From<EventRecord> for EventView {
    fn from(event: EventRecord) -> Self {
        let EventRecord { task_id, seq, kind, data, created_at } = event;
        Self { task_id, seq, kind, data, created_at }
    }
}
