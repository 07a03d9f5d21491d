//! Tickets: what a browser shows when it opens a socket, since it can send no other header there. Good once, for half a
//! minute. Redis keeps them, by hash; while it is away PostgreSQL does, and the first letter says which.

use actix_web::http::header::{HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ninja_types::SessionId;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Identity;
use crate::error::{ApiError, ApiResult, Code};

const IN_REDIS: char = 'r';
const IN_POSTGRESQL: char = 'p';

/// A ticket that stands for `session`. Whatever the session may, its sockets may: scopes and role are looked up later.
pub(crate) async fn issue(app: &App, session: SessionId) -> ApiResult<String> {
    let mut bytes = [0; 32];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_failed| ApiError::internal("no random bytes"))?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let life = app.config.sockets.ticket_seconds.duration();
    let ticket = format!("{IN_REDIS}{secret}");
    if app.queue.keep_ticket(&hash(&ticket), &session.to_string(), life).await.is_ok() {
        return Ok(ticket);
    }
    let ticket = format!("{IN_POSTGRESQL}{secret}");
    let mut conn = app.conn().await?;
    ninja_db::tickets::keep(&mut conn, &hash(&ticket), session, life).await?;
    Ok(ticket)
}

/// The ticket among the protocols that a socket is asked for with.
pub(crate) fn given(headers: &HeaderMap) -> Option<&str> {
    let offers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    offers.flat_map(|text| text.split(',')).find_map(|offer| offer.trim().strip_prefix("ticket."))
}

/// Whom `ticket` stands for; it is used up, also where its login has ended meanwhile.
pub(crate) async fn redeem(app: &App, ticket: &str) -> ApiResult<Identity> {
    let refused = || {
        let detail =
            "The ticket is unknown, used or expired: POST /api/v1/ws/tickets makes a new one.";
        ApiError::new(Code::InvalidTicket, detail)
    };
    let session = if ticket.starts_with(IN_POSTGRESQL) {
        ninja_db::tickets::take(&mut *app.conn().await?, &hash(ticket)).await?
    } else {
        // Redis forgot it, or is away: for the client it is all the same, a new ticket helps.
        let kept = app.queue.take_ticket(&hash(ticket)).await.unwrap_or_default();
        kept.and_then(|session| session.parse().ok())
    };
    let session = session.ok_or_else(refused)?;
    match app.sessions.alive(app, session).await? {
        Some(alive) => Ok(Identity { user: alive.user, role: alive.role, session }),
        None => Err(ApiError::new(Code::SessionRevoked, "The session has ended: log in again.")),
    }
}

fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket).into()
}
