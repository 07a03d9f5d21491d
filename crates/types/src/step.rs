use crate::names::named;

named! {
    /// Where a step stands.
    StepStatus ("step status") {
        /// A dependency is open.
        Pending = "pending",
        /// Its job is owed.
        Ready = "ready",
        /// A worker holds its job.
        Running = "running",
        /// A person is asked; no worker is kept.
        Waiting = "waiting",
        /// Its result stands and its contract held.
        Completed = "completed",
        /// It will not succeed; `error` says why.
        Failed = "failed",
        /// Not run, because a required dependency did not complete.
        Skipped = "skipped",
        /// Not finished, because its task ended.
        Cancelled = "cancelled",
    }
}

impl StepStatus {
    /// No change of status follows, ever.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Skipped | Self::Cancelled)
    }

    /// The transition table of a step. The SQL trigger `steps_transition` holds the same pairs; a test compares them.
    pub const fn may_become(self, next: Self) -> bool {
        use StepStatus::{Cancelled, Completed, Failed, Pending, Ready, Running, Skipped, Waiting};
        matches!(
            (self, next),
            (Pending, Ready | Skipped | Cancelled)
                | (Ready, Running | Skipped | Cancelled)
                | (Running, Completed | Failed | Ready | Waiting | Cancelled)
                | (Waiting, Ready | Failed | Skipped | Cancelled)
        )
    }

    /// A new step may be stored with this status; `completed` is a step taken over by a retry.
    pub const fn may_begin(self) -> bool {
        matches!(self, Self::Pending | Self::Ready | Self::Completed)
    }
}

named! {
    /// Why a running step became ready again.
    RetryReason ("retry reason") {
        /// It failed in a way that may pass.
        Error = "error",
        /// Its worker is gone.
        Takeover = "takeover",
        /// Its worker is shutting down.
        Drain = "drain",
        /// Its task was paused.
        Pause = "pause",
        /// The person who was asked has answered.
        Answered = "answered",
    }
}

named! {
    /// What a waiting step waits for.
    WaitReason ("wait reason") {
        /// Its task's budget does not suffice.
        Budget = "budget",
    }
}
