use std::sync::Arc;
use std::time::Duration;

use ninja_db::events;
use ninja_types::TaskId;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, watch};

use super::watched::{DELTAS_REMEMBERED, Head, Watched};
use super::{Frame, Hub, HubError, Told};

/// Rows read at once.
const PAGE: i64 = 100;

/// One reader of one task: sees every event after its cursor once, in order, and then nothing more.
pub(crate) struct Follower {
    hub: Hub,
    task: TaskId,
    watched: Arc<Watched>,
    cursor: i64,
    bell: watch::Receiver<Head>,
    deltas: Option<broadcast::Receiver<Frame>>,
    /// Deltas told in a row: after a bufferful it is the events' turn, so that a flood never hides an event.
    deltas_in_a_row: usize,
    /// The rows were read to their end after the bell was heard, so nothing can lie between rows and memory.
    caught_up: bool,
    ended: bool,
}

/// What a follower has for its reader.
#[derive(Debug)]
pub(crate) enum Next {
    /// The events after the last ones; never empty.
    Events(Vec<Told>),
    /// A piece of output.
    Delta(Frame),
    /// The time is over and nothing happened.
    Quiet,
    /// The terminal event was told, the task is deleted, or the process stops.
    End,
}

enum Woken {
    More,
    Delta(Option<Frame>),
    Closing,
}

impl Follower {
    pub(super) fn new(
        hub: Hub,
        task: TaskId,
        watched: Arc<Watched>,
        after: i64,
        deltas: bool,
    ) -> Self {
        let bell = watched.bell();
        let deltas = deltas.then(|| watched.deltas());
        Self {
            hub,
            task,
            watched,
            cursor: after,
            bell,
            deltas,
            deltas_in_a_row: 0,
            caught_up: false,
            ended: false,
        }
    }

    /// For many cursors at once, each at the newest event of its task: none reads a row before there is news. What
    /// happened since those numbers were read is found by the [`Hub::look`] that must follow.
    pub(crate) fn at_the_newest(mut self) -> Self {
        self.caught_up = true;
        self
    }

    /// Number of the last event that was told.
    pub(crate) fn cursor(&self) -> i64 {
        self.cursor
    }

    /// What comes next, waiting for it at most `quiet`. May be dropped while it waits: nothing is lost.
    pub(crate) async fn next(&mut self, quiet: Duration) -> Result<Next, HubError> {
        let until = tokio::time::Instant::now() + quiet;
        while !self.ended {
            if self.deltas_in_a_row < DELTAS_REMEMBERED
                && let Some(delta) = self.waiting_delta()
            {
                self.deltas_in_a_row += 1;
                return Ok(Next::Delta(delta));
            }
            self.deltas_in_a_row = 0;
            let batch = self.batch().await?;
            if let Some(last) = batch.last() {
                self.cursor = last.seq;
                self.ended = last.terminal;
                return Ok(Next::Events(batch));
            }
            if self.bell.borrow().gone {
                break;
            }
            match tokio::time::timeout_at(until, self.woken()).await {
                Ok(Woken::More | Woken::Delta(None)) => {}
                Ok(Woken::Delta(Some(delta))) => return Ok(Next::Delta(delta)),
                Ok(Woken::Closing) => break,
                Err(_elapsed) => return Ok(Next::Quiet),
            }
        }
        Ok(Next::End)
    }

    async fn batch(&mut self) -> Result<Vec<Told>, HubError> {
        if self.caught_up
            && let Some(recent) = self.watched.after(self.cursor)
        {
            return Ok(recent);
        }
        let mut conn = self.hub.0.db.conn().await?;
        let page = events::page(&mut conn, self.task, self.cursor, PAGE).await?;
        let told = page.iter().map(Told::new).collect::<Result<Vec<_>, _>>()?;
        self.caught_up = told.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        Ok(told)
    }

    async fn woken(&mut self) -> Woken {
        let cursor = self.cursor;
        tokio::select! {
            () = self.hub.0.closing.cancelled() => Woken::Closing,
            delta = hear(&mut self.deltas) => Woken::Delta(delta),
            // The sender lives in `watched`, which this follower holds: it cannot have closed.
            _ = self.bell.wait_for(|head| head.gone || head.seq > cursor) => Woken::More,
        }
    }

    fn waiting_delta(&mut self) -> Option<Frame> {
        let deltas = self.deltas.as_mut()?;
        loop {
            match deltas.try_recv() {
                Ok(delta) => return Some(delta),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.hub.leave(self.task, self.deltas.is_some());
    }
}

/// The next piece of output, or `None` if some were dropped; never, for who wants none.
async fn hear(deltas: &mut Option<broadcast::Receiver<Frame>>) -> Option<Frame> {
    match deltas {
        Some(deltas) => match deltas.recv().await {
            Ok(delta) => Some(delta),
            Err(RecvError::Lagged(_)) => None,
            Err(RecvError::Closed) => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
