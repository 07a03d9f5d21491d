use std::sync::Arc;

use tokio::sync::watch;

/// Whether new messages are read. It is closed as long as anybody keeps it closed: a job that wants to be alone, a
/// worker without a lease.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keepers: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

/// Keeps the gate closed until it is dropped.
#[derive(Debug)]
pub(crate) struct Closed(Gate);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner { keepers: watch::Sender::new(0), open: watch::Sender::new(true) }))
    }

    pub(crate) fn close(&self) -> Closed {
        self.count(|keepers| keepers + 1);
        Closed(self.clone())
    }

    /// True while the gate is open.
    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.0.open.subscribe()
    }

    /// Both under the lock of the first, so that the last change wins.
    fn count(&self, change: impl FnOnce(usize) -> usize) {
        self.0.keepers.send_modify(|keepers| {
            *keepers = change(*keepers);
            self.0.open.send_replace(*keepers == 0);
        });
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.count(|keepers| keepers.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_open_only_when_nobody_keeps_it_closed() {
        let gate = Gate::new();
        let open = gate.watch();
        assert!(*open.borrow());
        let one = gate.close();
        let other = gate.close();
        drop(one);
        assert!(!*open.borrow());
        drop(other);
        assert!(*open.borrow());
    }
}
