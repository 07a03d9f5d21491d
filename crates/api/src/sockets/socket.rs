use std::time::Duration;

use actix_web::web::Data;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use ninja_types::{SessionId, Time};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use uuid::Uuid;

use super::PROTOCOL;
use super::following::{Following, News};
use super::leave::Leave;
use super::message::Said;
use super::orders::SUBSCRIPTIONS;
use super::pace::Pace;
use super::wire::Wire;
use crate::app::App;
use crate::caller::{Caller, TasksRead};
use crate::error::chain;
use crate::hub::Seat;

/// One open socket.
pub(super) struct Socket {
    pub(super) app: Data<App>,
    pub(super) caller: Caller<TasksRead>,
    pub(super) wire: Wire,
    pub(super) following: Following,
    /// Messages that were not valid.
    pub(super) invalid: u8,
    id: Uuid,
    frames: AggregatedMessageStream,
    pace: Pace,
    /// Logins that end, wherever they are ended.
    ended: broadcast::Receiver<SessionId>,
    /// When the client was last heard.
    heard_at: Instant,
    ping_at: Instant,
    check_at: Instant,
    /// Ends with the socket.
    _seat: Seat,
}

impl Socket {
    pub(super) fn new(
        app: Data<App>,
        caller: Caller<TasksRead>,
        (id, seat): (Uuid, Seat),
        wire: Wire,
        frames: AggregatedMessageStream,
    ) -> Self {
        let now = Instant::now();
        Self {
            ended: app.sessions.ended(),
            ping_at: now + app.config.server.heartbeat_seconds.duration(),
            check_at: now + app.config.sockets.check_seconds.duration(),
            heard_at: now,
            following: Following::default(),
            pace: Pace::default(),
            invalid: 0,
            _seat: seat,
            app,
            caller,
            wire,
            id,
            frames,
        }
    }

    /// Serves the client to the end.
    pub(super) async fn run(mut self, everything: bool) {
        let why = match self.serve(everything).await {
            Ok(never) => match never {},
            Err(why) => why,
        };
        let code = why.code();
        tracing::info!(by = why.word(), "socket closes");
        metrics::counter!("ninja_socket_closes_total", "by" => why.word()).increment(1);
        match why {
            Leave::Gone => {}
            Leave::Goodbye(_) => self.wire.close(code, "").await,
            Leave::Told(_, text) => self.wire.close(code, text).await,
            Leave::Restart => {
                let restart = Said::Restart { retry_after_ms: jitter_ms() };
                if self.wire.say(&restart).await.is_ok() {
                    self.wire.close(code, "The server restarts: connect again and resume.").await;
                }
            }
        }
    }

    async fn serve(&mut self, everything: bool) -> Result<std::convert::Infallible, Leave> {
        self.greet().await?;
        if everything {
            self.subscribe_all(None, false).await?;
        }
        loop {
            let timer = self.next_timer();
            tokio::select! {
                biased;
                () = self.app.closing.cancelled() => return Err(Leave::Restart),
                () = ended(&mut self.ended, self.caller.session) => self.check().await?,
                frame = self.frames.recv() => self.hear(frame).await?,
                () = tokio::time::sleep_until(timer) => self.tick().await?,
                // One message at a time, so that nothing above waits for many.
                news = self.following.next() => self.tell(news).await?,
            }
        }
    }

    async fn greet(&mut self) -> Result<(), Leave> {
        self.wire
            .say(&Said::Hello {
                protocol: PROTOCOL,
                connection_id: self.id,
                user_id: self.caller.id,
                heartbeat_seconds: self.beat().as_secs(),
                max_subscriptions: SUBSCRIPTIONS,
            })
            .await
    }

    async fn hear(
        &mut self,
        frame: Option<Result<AggregatedMessage, ProtocolError>>,
    ) -> Result<(), Leave> {
        let now = Instant::now();
        self.heard_at = now;
        match frame.ok_or(Leave::Gone)?? {
            AggregatedMessage::Text(text) => {
                self.pace.count(now)?;
                self.obey(&text).await
            }
            AggregatedMessage::Ping(bytes) => {
                self.pace.count(now)?;
                self.wire.pong(bytes).await
            }
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Binary(_) => Err(Leave::BINARY),
            AggregatedMessage::Close(reason) => Err(Leave::Goodbye(reason)),
        }
    }

    async fn tell(&mut self, news: News) -> Result<(), Leave> {
        match news {
            News::Message(text) => self.wire.pass(&text).await,
            // Followers end when the process stops, too; that is no end of the task.
            News::End(..) if self.app.closing.is_cancelled() => Ok(()),
            News::End(task_id, last_seq) => self.wire.say(&Said::End { task_id, last_seq }).await,
            News::Arrival(arrival) => {
                self.arrived(arrival).await;
                Ok(())
            }
            News::Failed(error) => {
                tracing::warn!(
                    error = chain(&error),
                    "socket closes: its events could not be read"
                );
                Err(Leave::INTERNAL)
            }
        }
    }

    fn next_timer(&self) -> Instant {
        self.idle_at().min(self.beat_at()).min(self.ping_at).min(self.check_at)
    }

    async fn tick(&mut self) -> Result<(), Leave> {
        let now = Instant::now();
        if now >= self.idle_at() {
            return Err(Leave::IDLE);
        }
        if now >= self.ping_at {
            self.ping_at = now + self.beat();
            self.wire.ping().await?;
        }
        if now >= self.beat_at() {
            let at = Time(self.app.clock.now());
            self.wire.say(&Said::Heartbeat { at }).await?;
        }
        if now >= self.check_at { self.check().await } else { Ok(()) }
    }

    /// Whether the login still stands, with the role that it had. While that cannot be asked nothing can be read either,
    /// so the socket may wait.
    async fn check(&mut self) -> Result<(), Leave> {
        self.check_at = Instant::now() + self.app.config.sockets.check_seconds.duration();
        match self.app.sessions.alive(&self.app, self.caller.session).await {
            Ok(Some(alive)) if alive.role == self.caller.role => Ok(()),
            Ok(Some(_)) => Err(Leave::OTHER_ROLE),
            Ok(None) => Err(Leave::ENDED),
            Err(_unavailable) => Ok(()),
        }
    }

    fn beat(&self) -> Duration {
        self.app.config.server.heartbeat_seconds.duration()
    }

    fn beat_at(&self) -> Instant {
        self.wire.said_at + self.beat()
    }

    fn idle_at(&self) -> Instant {
        self.heard_at + self.app.config.sockets.idle_seconds.duration()
    }
}

/// Returns when `session` ends, or may have.
async fn ended(ended: &mut broadcast::Receiver<SessionId>, session: SessionId) {
    loop {
        match ended.recv().await {
            Ok(id) if id != session => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            // The sender stands in the sessions, which the process has to its end.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Spreads the clients of a process that stops over some seconds.
fn jitter_ms() -> u32 {
    let id = Uuid::now_v7();
    let [.., high, low] = id.as_bytes();
    500 + u32::from(u16::from_be_bytes([*high, *low])) % 4_501
}
