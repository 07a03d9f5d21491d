use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderName, HeaderValue};
use actix_web::web::{Bytes, BytesMut, Data};
use futures_util::stream;
use ninja_types::SessionId;
use tokio::time::Instant;

use crate::app::App;
use crate::error::chain;
use crate::hub::{Follower, Next, Seat, Told};

/// How long a client waits before it comes again with its last number.
const RETRY: &[u8] = b"retry: 2000\n\n";
/// A comment, so that proxies and clients see a living connection.
const HEARTBEAT: &[u8] = b": hb\n\n";
/// How often it is asked whether the caller may still look.
const CHECK: Duration = Duration::from_secs(5);

/// One open event stream: what it reads, whom it serves, and when it last said something.
pub(super) struct Live {
    pub(super) app: Data<App>,
    pub(super) session: SessionId,
    pub(super) follower: Follower,
    /// Ends with the stream.
    pub(super) _seat: Seat,
    pub(super) beat: Duration,
}

struct Open {
    live: Live,
    greeted: bool,
    beat_at: Instant,
    check_at: Instant,
}

impl Live {
    /// The answer: events as they happen, until the terminal one.
    pub(super) fn answer(self) -> HttpResponse {
        let now = Instant::now();
        let (beat_at, check_at) = (now + self.beat, now + CHECK);
        let open = Open { live: self, greeted: false, beat_at, check_at };
        let frames = stream::unfold(open, |mut open| async move {
            let frame = open.next().await?;
            Some((Ok::<_, Infallible>(frame), open))
        });
        HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_ENCODING, "identity")) // never compressed: frames would wait for company
            .insert_header((
                HeaderName::from_static("x-accel-buffering"),
                HeaderValue::from_static("no"),
            ))
            .streaming(frames)
    }
}

impl Live {
    /// Whether the login still stands. While that cannot be asked nothing can be read either, so the stream may wait.
    async fn may_go_on(&self) -> bool {
        match self.app.sessions.alive(&self.app, self.session).await {
            Ok(alive) => alive.is_some(),
            Err(_unavailable) => true,
        }
    }
}

impl Open {
    /// The next bytes for the client; `None` ends the stream. A client that takes nothing is not asked again, so its
    /// cursor waits and nothing is kept for it.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            return Some(Bytes::from_static(RETRY));
        }
        loop {
            if Instant::now() >= self.check_at {
                self.check_at = Instant::now() + CHECK;
                if !self.live.may_go_on().await {
                    return None;
                }
            }
            let until = self.beat_at.min(self.check_at);
            let quiet = until.saturating_duration_since(Instant::now());
            let frame = match self.live.follower.next(quiet).await {
                Ok(Next::Events(events)) => joined(&events),
                Ok(Next::Delta(frame)) => frame.sse,
                Ok(Next::Quiet) if Instant::now() < self.beat_at => continue,
                Ok(Next::Quiet) => Bytes::from_static(HEARTBEAT),
                Ok(Next::End) => return None,
                Err(error) => {
                    let error = chain(&error);
                    tracing::warn!(error, "event stream ended: its events could not be read");
                    return None;
                }
            };
            self.beat_at = Instant::now() + self.live.beat;
            return Some(frame);
        }
    }
}

/// One frame is shared with every other stream; several go out in one piece.
fn joined(events: &[Told]) -> Bytes {
    match events {
        [only] => only.frame.sse.clone(),
        many => {
            let mut whole =
                BytesMut::with_capacity(many.iter().map(|told| told.frame.sse.len()).sum());
            for told in many {
                whole.extend_from_slice(&told.frame.sse);
            }
            whole.freeze()
        }
    }
}
