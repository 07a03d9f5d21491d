use std::collections::HashMap;
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Abortable, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use ninja_types::{TaskId, Time};
use tokio::time::Instant;

use crate::hub::{Arrival, Arrivals, Follower, HubError, Next, Told};

/// A follower is asked again after so long a silence; nothing depends on it.
const LONG: Duration = Duration::from_hours(1);

/// All that one socket follows: the tasks it asked for, and with `*` those that it did not.
///
/// A task has one follower, whatever asks for it, and a number that only grows: so each event is told once and in order.
/// A follower is given away to wait, and is in nobody's hands but ours while what it found is told.
#[derive(Default)]
pub(super) struct Following {
    tracks: HashMap<TaskId, Track>,
    waiting: FuturesUnordered<Abortable<LocalBoxFuture<'static, Turn>>>,
    hand: Option<Hand>,
    /// Newest event of each task that this socket was told.
    told: HashMap<TaskId, i64>,
    everything: Option<Everything>,
}

struct Track {
    /// The client named the task; else `*` brought it.
    named: bool,
    stop: AbortHandle,
}

/// The subscription to `*`.
pub(super) struct Everything {
    /// Which tasks have news.
    pub(super) arrivals: Arrivals,
    /// What ended before does not belong to it.
    pub(super) began: Time,
    /// The same by our own clock.
    pub(super) since: Instant,
    /// Output too.
    pub(super) deltas: bool,
    /// Where it begins, or went on to, in each task that it knows.
    pub(super) known: HashMap<TaskId, i64>,
}

/// What a follower found, and the follower.
struct Turn {
    task: TaskId,
    follower: Follower,
    found: Result<Next, HubError>,
}

/// Events that are being told, one by one.
struct Hand {
    task: TaskId,
    follower: Follower,
    events: std::vec::IntoIter<Told>,
}

/// What there is to tell, or to do.
pub(super) enum News {
    /// An event or a delta.
    Message(Bytes),
    /// A task that the client named is told to its end.
    End(TaskId, i64),
    /// A task of `*` may be new.
    Arrival(Arrival),
    /// Rows could not be read.
    Failed(HubError),
}

impl Following {
    /// Subscriptions that the client made.
    pub(super) fn count(&self) -> usize {
        let named = self.tracks.values().filter(|track| track.named).count();
        named + usize::from(self.everything.is_some())
    }

    /// Whether the client named `task`.
    pub(super) fn names(&self, task: TaskId) -> bool {
        self.tracks.get(&task).is_some_and(|track| track.named)
    }

    /// Newest event of `task` that was told; 0 if none was.
    pub(super) fn told(&self, task: TaskId) -> i64 {
        self.told.get(&task).copied().unwrap_or(0)
    }

    /// The subscription to `*`.
    pub(super) fn everything(&mut self) -> Option<&mut Everything> {
        self.everything.as_mut()
    }

    /// Whether `*` has not met `task` yet.
    pub(super) fn is_new(&self, task: TaskId) -> bool {
        let known = |all: &Everything| all.known.contains_key(&task);
        !self.tracks.contains_key(&task) && self.everything.as_ref().is_some_and(|all| !known(all))
    }

    /// Begins `*`.
    pub(super) fn begin_everything(&mut self, everything: Everything) {
        self.everything = Some(everything);
    }

    /// Ends `*`, and with it what only it brought.
    pub(super) fn end_everything(&mut self) {
        self.everything = None;
        let brought: Vec<TaskId> =
            self.tracks.iter().filter(|(_, track)| !track.named).map(|(task, _)| *task).collect();
        for task in brought {
            self.leave(task);
        }
    }

    /// Whether `task` is followed for whatever reason.
    pub(super) fn follows(&self, task: TaskId) -> bool {
        self.tracks.contains_key(&task)
    }

    /// Follows `task` from now on; what followed it until now does so no more.
    pub(super) fn follow(&mut self, task: TaskId, follower: Follower, named: bool) {
        self.leave(task);
        let stop = self.wait(task, follower);
        self.tracks.insert(task, Track { named, stop });
    }

    /// Follows `task` no more.
    pub(super) fn leave(&mut self, task: TaskId) {
        if let Some(track) = self.tracks.remove(&task) {
            track.stop.abort();
        }
        if self.hand.as_ref().is_some_and(|hand| hand.task == task) {
            self.hand = None;
        }
    }

    /// What comes next. May be dropped while it waits: nothing is lost.
    pub(super) async fn next(&mut self) -> News {
        loop {
            if let Some(text) = self.in_hand() {
                return News::Message(text);
            }
            tokio::select! {
                Some(turn) = self.waiting.next(), if !self.waiting.is_empty() => {
                    // Aborted: nobody wants to know any more.
                    if let Ok(turn) = turn && let Some(news) = self.take(turn) {
                        return news;
                    }
                }
                arrival = arrival(&mut self.everything) => return News::Arrival(arrival),
            }
        }
    }

    /// The next of the events that are being told; after the last, their follower waits for more.
    fn in_hand(&mut self) -> Option<Bytes> {
        let hand = self.hand.as_mut()?;
        let told = self.told.entry(hand.task).or_default();
        if let Some(event) = hand.events.find(|event| event.seq > *told) {
            *told = event.seq;
            return Some(event.frame.socket);
        }
        let Hand { task, follower, .. } = self.hand.take()?;
        self.wait_again(task, follower);
        None
    }

    fn take(&mut self, turn: Turn) -> Option<News> {
        let Turn { task, follower, found } = turn;
        match found {
            Ok(Next::Events(events)) => {
                self.hand = Some(Hand { task, follower, events: events.into_iter() });
                None
            }
            Ok(Next::Delta(frame)) => {
                self.wait_again(task, follower);
                Some(News::Message(frame.socket))
            }
            Ok(Next::Quiet) => {
                self.wait_again(task, follower);
                None
            }
            Ok(Next::End) => {
                let named = self.tracks.remove(&task).is_some_and(|track| track.named);
                if let Some(all) = &mut self.everything {
                    all.known.insert(task, follower.cursor());
                }
                named.then(|| News::End(task, follower.cursor()))
            }
            Err(error) => Some(News::Failed(error)),
        }
    }

    fn wait_again(&mut self, task: TaskId, follower: Follower) {
        let stop = self.wait(task, follower);
        match self.tracks.get_mut(&task) {
            Some(track) => track.stop = stop,
            None => stop.abort(),
        }
    }

    fn wait(&self, task: TaskId, mut follower: Follower) -> AbortHandle {
        let (stop, registration) = AbortHandle::new_pair();
        let turn: LocalBoxFuture<'static, Turn> = Box::pin(async move {
            let found = follower.next(LONG).await;
            Turn { task, follower, found }
        });
        self.waiting.push(Abortable::new(turn, registration));
        stop
    }
}

async fn arrival(everything: &mut Option<Everything>) -> Arrival {
    match everything {
        Some(all) => all.arrivals.next().await,
        None => std::future::pending().await,
    }
}
