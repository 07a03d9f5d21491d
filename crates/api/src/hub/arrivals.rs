use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use ninja_types::{TaskId, UserId};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Hub;

/// Tasks with news that a slow listener may leave lying; more, and it is told to look for itself.
const REMEMBERED: usize = 256;

/// One listener's ear for all tasks of a user. It hears which of them have news, those it has never heard of among them;
/// the news themselves are read by a follower of each.
pub(crate) struct Arrivals {
    hub: Hub,
    user: UserId,
    heard: broadcast::Receiver<TaskId>,
}

/// What an [`Arrivals`] hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// This task has news.
    Task(TaskId),
    /// Too many to remember: look which tasks there are.
    Many,
}

impl Arrivals {
    /// The next one. May be dropped while it waits: nothing is lost.
    pub(crate) async fn next(&mut self) -> Arrival {
        match self.heard.recv().await {
            Ok(task) => Arrival::Task(task),
            Err(RecvError::Lagged(_)) => Arrival::Many,
            // The sender stands in the hub until the last listener left.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        let mut awaited = self.hub.awaited();
        if awaited.get(&self.user).is_some_and(|heard| heard.receiver_count() <= 1) {
            awaited.remove(&self.user);
        }
    }
}

impl Hub {
    /// Listens to all tasks of `user` from now on.
    pub(crate) fn await_tasks(&self, user: UserId) -> Arrivals {
        let mut awaited = self.awaited();
        let heard =
            awaited.entry(user).or_insert_with(|| broadcast::Sender::new(REMEMBERED)).subscribe();
        drop(awaited);
        Arrivals { hub: self.clone(), user, heard }
    }

    /// Whose tasks are all awaited.
    pub(super) fn awaited_users(&self) -> Vec<UserId> {
        self.awaited().keys().copied().collect()
    }

    /// Tells those who await all tasks of `user` that this one has news.
    pub(super) fn arrived(&self, user: UserId, task: TaskId) {
        if let Some(heard) = self.awaited().get(&user) {
            // An error says that the last listener leaves at this moment, which is no fault.
            drop(heard.send(task));
        }
    }

    fn awaited(&self) -> MutexGuard<'_, HashMap<UserId, broadcast::Sender<TaskId>>> {
        self.0.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
