//! An open socket: what it is asked, what it is told, when it ends.
//!
//! One task per socket does it all in turn: it hears the client, tells news, and watches the clock. What it owes is no
//! queue but a cursor in each subscription: a client that takes nothing holds up its own socket, and nothing is kept for
//! it. What does not live here: who may connect (`gate.rs`), and where events come from (`hub/`). Read `socket.rs` first.

mod following;
mod leave;
mod message;
mod orders;
mod pace;
mod socket;
mod wire;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use tracing::Instrument;
use uuid::Uuid;

use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::{ApiError, ApiResult, Code};
use crate::hub::Transport;
use socket::Socket;
use wire::Wire;

/// The protocol that is spoken, as both sides name it.
const PROTOCOL: &str = "ninja.v1";
/// Bytes of a client's frame, and of a message out of several.
const FRAME: usize = 16 * 1024;

/// Answers the upgrade and serves the socket beside it; with `everything`, as if the client had subscribed to `*`.
pub(crate) fn open(
    app: &Data<App>,
    caller: Caller<TasksRead>,
    request: &HttpRequest,
    body: Payload,
    everything: bool,
) -> ApiResult<HttpResponse> {
    if app.draining.is_cancelled() {
        let detail = "This process is stopping: connect again, to another one.";
        return Err(ApiError::new(Code::Unavailable, detail));
    }
    let limit = app.config.limits.of(caller.role).sockets;
    let seat = app.seats.take(caller.id, limit, Transport::WebSocket)?;
    let upgraded = actix_ws::handle_with_protocols(request, body, &[PROTOCOL]);
    let (answer, session, frames) = upgraded.map_err(|_no_upgrade| {
        let detail = "This path is for sockets: send a WebSocket upgrade, version 13.";
        ApiError::new(Code::MalformedRequest, detail)
    })?;
    let frames = frames.max_frame_size(FRAME).aggregate_continuations();
    let frames = frames.max_continuation_size(FRAME);
    let wire = Wire::new(session, app.config.sockets.send_seconds.duration());
    let id = Uuid::now_v7();
    let span = tracing::info_span!("socket", connection_id = %id, user_id = %caller.id);
    let socket = Socket::new(app.clone(), caller, (id, seat), wire, frames);
    app.tracker.spawn_local(socket.run(everything).instrument(span));
    Ok(answer)
}
