use std::sync::atomic::{AtomicBool, Ordering};

use ninja_types::WorkerId;
use tokio::sync::watch;

use crate::gate::{Closed, Gate};

/// Under which id this process works, and whether it may. An id that lost its lease is never used again: whatever it
/// still writes is fenced, and the process begins a new life.
#[derive(Debug)]
pub(crate) struct Life {
    id: watch::Sender<WorkerId>,
    leased: AtomicBool,
    gate: Gate,
    closed: std::sync::Mutex<Option<Closed>>,
}

impl Life {
    /// A first life, without a lease yet.
    pub(crate) fn new(gate: Gate) -> Self {
        let closed = Some(gate.close()).into();
        let (id, leased) = (watch::Sender::new(WorkerId::new()), AtomicBool::new(false));
        Self { id, leased, gate, closed }
    }

    pub(crate) fn id(&self) -> WorkerId {
        *self.id.borrow()
    }

    /// The id and every later one.
    pub(crate) fn ids(&self) -> watch::Receiver<WorkerId> {
        self.id.subscribe()
    }

    /// Whether the id is registered and its lease renewed.
    pub(crate) fn is_leased(&self) -> bool {
        self.leased.load(Ordering::Acquire)
    }

    /// The id is registered: work may begin.
    pub(crate) fn begin(&self) {
        self.leased.store(true, Ordering::Release);
        self.keep(None);
    }

    /// The lease is lost: a new id, and no work until it is registered.
    pub(crate) fn end(&self) {
        self.keep(Some(self.gate.close()));
        self.leased.store(false, Ordering::Release);
        self.id.send_replace(WorkerId::new());
    }

    fn keep(&self, closed: Option<Closed>) {
        let mut kept = self.closed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *kept = closed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_that_ends_gives_way_to_one_with_another_id_and_no_lease() {
        let gate = Gate::new();
        let life = Life::new(gate.clone());
        let open = gate.watch();
        assert!(!life.is_leased() && !*open.borrow());
        life.begin();
        let first = life.id();
        assert!(life.is_leased() && *open.borrow());
        life.end();
        assert!(!life.is_leased() && !*open.borrow());
        assert_ne!(life.id(), first);
    }
}
