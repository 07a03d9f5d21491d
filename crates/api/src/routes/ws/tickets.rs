use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::ApiResult;
use crate::limits::limit;
use crate::tickets;

/// A ticket for one socket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketView {
    /// For `Sec-WebSocket-Protocol: ninja.v1, ticket.<ticket>`. Good once.
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    ticket: String,
    /// Seconds in which it must be used.
    #[schema(example = 30)]
    expires_in: u64,
}

/// Get a ticket for a socket
///
/// For browsers, which cannot send `Authorization` when they open one. The ticket stands for this login, and is good for
/// one connection.
#[utoipa::path(operation_id = "createTicket", tag = "ws", security(("bearer" = [])), responses((status = 201, body = TicketView)))]
#[post("/ws/tickets")]
#[tracing::instrument(name = "api.ws.tickets.create", skip_all, fields(user_id = %caller.id))]
pub(crate) async fn create(app: Data<App>, caller: Caller<AnyIdentity>) -> ApiResult<HttpResponse> {
    let limit = limit(format!("ticket:{}", caller.id), app.config.security.ticket_rate);
    app.limits.count(&app, "ticket", &[limit]).await?;
    let view = TicketView {
        ticket: tickets::issue(&app, caller.session).await?,
        expires_in: app.config.sockets.ticket_seconds.duration().as_secs(),
    };
    Ok(HttpResponse::Created().insert_header((LOCATION, "/ws")).json(view))
}
