use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get};
use ninja_types::UserId;
use utoipa::IntoResponses;

use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;
use crate::problem::Problem;
use crate::sockets;

/// How a wish for a socket is answered, whichever route it takes.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only what it documents is used")]
enum Opening {
    #[response(status = 101, description = "The socket is open: `hello` comes first")]
    Open,
    #[response(status = 401, description = "`invalid_ticket`")]
    Unknown(Problem),
    #[response(status = 403, description = "`origin_forbidden`")]
    Foreign(Problem),
    #[response(
        status = 429,
        description = "`rate_limited`: too many open sockets and event streams"
    )]
    TooMany(Problem),
    #[response(
        status = 503,
        description = "`unavailable`: PostgreSQL is gone or the process is draining"
    )]
    Away(Problem),
}

/// Open a socket
///
/// Events of many tasks over one connection. Scripts show `Authorization`; browsers offer the protocols `ninja.v1` and
/// `ticket.<ticket>`. The messages: `docs/sockets.md`.
#[utoipa::path(
    operation_id = "connect", tag = "ws", security(("bearer" = ["tasks:read"]), ("ticket" = [])),
    responses(Opening),
)]
#[get("/ws")]
#[tracing::instrument(name = "api.ws.connect", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn connect(
    app: Data<App>,
    caller: Caller<TasksRead>,
    request: HttpRequest,
    body: Payload,
) -> ApiResult<HttpResponse> {
    sockets::open(&app, caller, &request, body, false)
}

/// Open a socket, below the base path
#[utoipa::path(
    operation_id = "connectBelowBase", tag = "ws", security(("bearer" = ["tasks:read"]), ("ticket" = [])),
    responses(Opening),
)]
#[get("/ws")]
#[tracing::instrument(name = "api.ws.connect", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn connect_below_base(
    app: Data<App>,
    caller: Caller<TasksRead>,
    request: HttpRequest,
    body: Payload,
) -> ApiResult<HttpResponse> {
    sockets::open(&app, caller, &request, body, false)
}

/// Open a socket that subscribes to every task
///
/// As `/ws`, and a subscription to `*` is made by itself. The id must be one's own.
#[utoipa::path(
    operation_id = "connectAs", tag = "ws", security(("bearer" = ["tasks:read"]), ("ticket" = [])),
    params(("id" = uuid::Uuid, Path, description = "The user who connects")),
    responses(Opening),
)]
#[get("/ws/{id}")]
#[tracing::instrument(name = "api.ws.connect", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn connect_as(
    app: Data<App>,
    caller: Caller<TasksRead>,
    request: HttpRequest,
    Id(user): Id<UserId>,
    body: Payload,
) -> ApiResult<HttpResponse> {
    if user != caller.id {
        return Err(ApiError::not_found());
    }
    sockets::open(&app, caller, &request, body, true)
}
