//! Why a run has to end. Several watchers may say so; the first one is the cause.

use std::sync::OnceLock;

use tokio::sync::Notify;

use crate::Cause;

/// Shared by the watchers of one run and by the run itself.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    cause: OnceLock<Cause>,
    told: Notify,
}

impl Verdict {
    pub(crate) fn give(&self, cause: Cause) {
        if self.cause.set(cause).is_ok() {
            self.told.notify_one();
        }
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.cause.get().copied()
    }

    /// Resolves once, for one waiter.
    pub(crate) async fn given(&self) {
        self.told.notified().await;
    }
}
