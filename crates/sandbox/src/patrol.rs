//! A thread that looks at all running runs again and again, and is asleep when there is none.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

struct List<T> {
    watched: Vec<Arc<T>>,
    closed: bool,
}

struct Shared<T> {
    list: Mutex<List<T>>,
    changed: Condvar,
}

impl<T> Shared<T> {
    /// A panic of another thread leaves a plain list of pointers, which is never half changed.
    fn lock(&self) -> MutexGuard<'_, List<T>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends its thread when dropped.
pub(crate) struct Patrol<T> {
    shared: Arc<Shared<T>>,
}

impl<T: Send + Sync + 'static> Patrol<T> {
    /// `round` looks at everything that is watched, newest last, and says how long to rest.
    pub(crate) fn start(
        name: &str,
        mut round: impl FnMut(&[Arc<T>]) -> Duration + Send + 'static,
    ) -> io::Result<Self> {
        let list = Mutex::new(List { watched: Vec::new(), closed: false });
        let shared = Arc::new(Shared { list, changed: Condvar::new() });
        let mine = Arc::clone(&shared);
        let walk = move || {
            while let Some(watched) = mine.some_watched() {
                let rest = round(&watched);
                let list = mine.lock();
                drop(mine.changed.wait_timeout(list, rest));
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(walk)?;
        Ok(Self { shared })
    }

    /// Watches `item` until the answer is dropped.
    pub(crate) fn watch(&self, item: Arc<T>) -> Watching<T> {
        self.shared.lock().watched.push(Arc::clone(&item));
        self.shared.changed.notify_all();
        Watching { item, shared: Arc::clone(&self.shared) }
    }
}

impl<T> Shared<T> {
    /// Sleeps while there is nothing to watch; `None` when the patrol is over.
    fn some_watched(&self) -> Option<Vec<Arc<T>>> {
        let mut list = self.lock();
        while list.watched.is_empty() && !list.closed {
            list = self.changed.wait(list).unwrap_or_else(PoisonError::into_inner);
        }
        (!list.closed).then(|| list.watched.clone())
    }
}

impl<T> Drop for Patrol<T> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

/// One watched item.
pub(crate) struct Watching<T> {
    item: Arc<T>,
    shared: Arc<Shared<T>>,
}

impl<T> Drop for Watching<T> {
    fn drop(&mut self) {
        self.shared.lock().watched.retain(|other| !Arc::ptr_eq(other, &self.item));
    }
}
