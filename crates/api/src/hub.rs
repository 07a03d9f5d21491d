//! Live events: one subscription and one reader for the whole process, however many people watch.
//!
//! A notice wakes the [`feed`], which reads the new rows of all told tasks in one query and serialises each event
//! once; the last 64 of a watched task are shared bytes. A [`Follower`] is one reader's cursor: it takes from there,
//! or reads pages from PostgreSQL. The cursor is the queue: a slow reader reads later, and nothing is kept for it.
//! What does not live here: HTTP. SSE, sockets and long polls all hold a follower. Read `follower.rs` first.

mod arrivals;
mod feed;
mod follower;
mod seats;
mod told;
mod watched;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ninja_db::{Db, DbError};
use ninja_queue::{Channel, Heard, Queue, Subscriber};
use ninja_types::{TaskId, UserId};
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::error::ApiError;
pub(crate) use arrivals::{Arrival, Arrivals};
pub(crate) use follower::{Follower, Next};
pub(crate) use seats::{Seat, Seats, Transport};
pub(crate) use told::{Frame, Told};
use watched::Watched;

/// Who watches which task in this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Hub(Arc<Inner>);

struct Inner {
    db: Db,
    subscriber: Subscriber,
    watched: Mutex<HashMap<TaskId, Place>>,
    /// Whose tasks are all awaited by somebody.
    awaited: Mutex<HashMap<UserId, broadcast::Sender<TaskId>>>,
    /// Somebody asks for a look at the rows before the next tick.
    asked: Notify,
    /// The process stops: whoever waits here is told at once.
    closing: CancellationToken,
}

struct Place {
    task: Arc<Watched>,
    followers: usize,
    /// Of these, the ones that want deltas: the Redis channel is listened to while there is one.
    listeners: usize,
}

/// Why a follower cannot go on; its reader comes again with its cursor.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubError {
    /// A page could not be read.
    #[error("events could not be read")]
    Db(#[from] DbError),
    /// An event could not be written as JSON.
    #[error("an event could not be serialised")]
    Json(#[from] serde_json::Error),
}

impl From<HubError> for ApiError {
    fn from(error: HubError) -> Self {
        match error {
            HubError::Db(error) => error.into(),
            HubError::Json(error) => Self::internal(error),
        }
    }
}

impl Hub {
    /// Starts listening and reading, on `tracker`, until `closing`. Every `healing`, one query finds what lost notices
    /// did not tell.
    pub(crate) fn open(
        db: Db,
        queue: &Queue,
        healing: Duration,
        tracker: &TaskTracker,
        closing: CancellationToken,
    ) -> Self {
        let subscriber =
            queue.subscribe([Channel::Notices, Channel::Revocations, Channel::Providers]);
        let heard = subscriber.hear();
        let (watched, awaited, asked) = (Mutex::default(), Mutex::default(), Notify::new());
        let hub = Self(Arc::new(Inner { db, subscriber, watched, awaited, asked, closing }));
        tracker.spawn(feed::Feed::new(hub.clone(), heard).run(healing));
        hub
    }

    /// What the process's one subscription hears, for whom it is not about tasks.
    pub(crate) fn hear(&self) -> broadcast::Receiver<Heard> {
        self.0.subscriber.hear()
    }

    /// A cursor over the events of `task` with `seq > after`. `last_seq` is the row's, as the caller read it to check
    /// whose task it is. With `deltas`, output is shown as it appears, too.
    pub(crate) fn follow(&self, task: TaskId, last_seq: i64, after: i64, deltas: bool) -> Follower {
        let mut places = self.places();
        let place = places.entry(task).or_insert_with(|| Place {
            task: Arc::new(Watched::new(last_seq)),
            followers: 0,
            listeners: 0,
        });
        place.followers += 1;
        if deltas {
            place.listeners += 1;
            if place.listeners == 1 {
                self.0.subscriber.add(Channel::Delta(task));
            }
        }
        let watched = Arc::clone(&place.task);
        drop(places);
        Follower::new(self.clone(), task, watched, after, deltas)
    }

    /// Has the rows of all watched tasks looked at now, in case a notice came too early for their followers.
    pub(crate) fn look(&self) {
        self.0.asked.notify_one();
    }

    fn leave(&self, task: TaskId, deltas: bool) {
        let mut places = self.places();
        let Entry::Occupied(mut place) = places.entry(task) else { return };
        place.get_mut().followers -= 1;
        if deltas {
            place.get_mut().listeners -= 1;
            if place.get().listeners == 0 {
                self.0.subscriber.remove(Channel::Delta(task));
            }
        }
        if place.get().followers == 0 {
            place.remove();
        }
    }

    fn find(&self, task: TaskId) -> Option<Arc<Watched>> {
        self.places().get(&task).map(|place| Arc::clone(&place.task))
    }

    fn all(&self) -> Vec<TaskId> {
        self.places().keys().copied().collect()
    }

    fn places(&self) -> MutexGuard<'_, HashMap<TaskId, Place>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
