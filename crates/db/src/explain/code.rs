/// What a task can wait for, in the order in which it is told: first what needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonCode {
    /// A larger budget is needed.
    NeedsBudget,
    /// Held back by its user.
    Paused,
    /// No live worker of the pool has what the step needs.
    NoWorker,
    /// To be ended as soon as its running steps stop.
    Cancelling,
    /// The worker's lease ran out: another takes over.
    TakingOver,
    /// The user has as many live steps as their role may have.
    UserLimit,
    /// Tried again at a set time.
    RetryAt,
    /// Waits for a free worker.
    Queued,
    /// Is being worked on.
    Running,
    /// Other steps come first.
    BlockedBy,
}

impl ReasonCode {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsBudget => "needs_budget",
            Self::Paused => "paused",
            Self::NoWorker => "no_worker",
            Self::Cancelling => "cancelling",
            Self::TakingOver => "taking_over",
            Self::UserLimit => "user_limit",
            Self::RetryAt => "retry_at",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::BlockedBy => "blocked_by",
        }
    }

    /// It passes by itself.
    pub(super) const fn passes(self) -> bool {
        !matches!(self, Self::NeedsBudget | Self::Paused | Self::NoWorker | Self::BlockedBy)
    }
}
