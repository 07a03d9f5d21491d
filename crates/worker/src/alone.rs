use std::sync::Arc;

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::gate::{Closed, Gate};

/// A job that took a worker down once runs alone on its worker, or it would take its neighbours to three crashes with
/// it. Normal runs hold this lock for reading, an alone run for writing.
#[derive(Debug)]
pub(crate) struct Alone {
    lock: Arc<RwLock<()>>,
    gate: Gate,
}

/// The right to run, held while a handler runs.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Beside others.
    Beside(#[expect(dead_code, reason = "held, not read")] OwnedRwLockReadGuard<()>),
    /// While nothing else runs, and no new message is read.
    Alone(
        #[expect(dead_code, reason = "held, not read")] OwnedRwLockWriteGuard<()>,
        #[expect(dead_code, reason = "held, not read")] Closed,
    ),
}

impl Turn {
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self, Self::Alone(..))
    }
}

impl Alone {
    pub(crate) fn new(gate: Gate) -> Self {
        Self { lock: Arc::default(), gate }
    }

    /// At once, unless a job waits to be alone or is.
    pub(crate) fn try_beside(&self) -> Option<Turn> {
        Arc::clone(&self.lock).try_read_owned().ok().map(Turn::Beside)
    }

    /// After the job that is alone.
    pub(crate) async fn beside(&self) -> Turn {
        Turn::Beside(Arc::clone(&self.lock).read_owned().await)
    }

    /// After everything that runs. Nothing new is read meanwhile.
    pub(crate) async fn alone(&self) -> Turn {
        let closed = self.gate.close();
        Turn::Alone(Arc::clone(&self.lock).write_owned().await, closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_alone_run_waits_for_the_others_and_keeps_new_ones_out() {
        let gate = Gate::new();
        let alone = Alone::new(gate.clone());
        let beside = alone.try_beside().expect("nobody is alone");
        let waiting = alone.alone();
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        assert!(alone.try_beside().is_none() && !*gate.watch().borrow());
        drop(beside);
        let turn = waiting.await;
        assert!(turn.is_alone() && alone.try_beside().is_none());
        drop(turn);
        assert!(alone.try_beside().is_some() && *gate.watch().borrow());
    }
}
