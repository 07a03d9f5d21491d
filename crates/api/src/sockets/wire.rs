use std::time::Duration;

use actix_web::web::Bytes;
use actix_ws::{CloseReason, Message, Session};
use futures_util::SinkExt;
use tokio::time::Instant;

use super::leave::Leave;
use super::message::Said;

/// The way to the client. It holds a few messages at most; who takes none of them for too long is left.
pub(super) struct Wire {
    session: Session,
    patience: Duration,
    /// When the client was last told something, pings aside.
    pub(super) said_at: Instant,
}

impl Wire {
    pub(super) fn new(session: Session, patience: Duration) -> Self {
        Self { session, patience, said_at: Instant::now() }
    }

    /// Tells what is for this client alone.
    pub(super) async fn say(&mut self, said: &Said<'_>) -> Result<(), Leave> {
        let text = serde_json::to_string(said).map_err(|error| {
            tracing::error!(%error, "a message could not be serialised");
            Leave::INTERNAL
        })?;
        self.tell(Message::Text(text.into())).await
    }

    /// Tells what is told to many: the bytes are shared with them all.
    pub(super) async fn pass(&mut self, text: &Bytes) -> Result<(), Leave> {
        let text = text.clone().try_into().map_err(|error| {
            tracing::error!(?error, "a shared message is no UTF-8");
            Leave::INTERNAL
        })?;
        self.tell(Message::Text(text)).await
    }

    /// A WebSocket ping: the client's pong says that it lives.
    pub(super) async fn ping(&mut self) -> Result<(), Leave> {
        self.send(Message::Ping(Bytes::new())).await
    }

    /// The answer to a client's ping.
    pub(super) async fn pong(&mut self, bytes: Bytes) -> Result<(), Leave> {
        self.send(Message::Pong(bytes)).await
    }

    /// Says goodbye, as far as the client listens.
    pub(super) async fn close(self, code: u16, why: &str) {
        let reason = CloseReason { code: code.into(), description: Some(why.to_owned()) };
        let closing = self.session.close(Some(reason));
        if tokio::time::timeout(self.patience, closing).await.is_err() {
            tracing::debug!("the client did not listen to the end");
        }
    }

    async fn tell(&mut self, message: Message) -> Result<(), Leave> {
        self.send(message).await?;
        self.said_at = Instant::now();
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Leave> {
        match tokio::time::timeout(self.patience, self.session.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_closed)) => Err(Leave::Gone),
            Err(_elapsed) => Err(Leave::TOO_SLOW),
        }
    }
}
