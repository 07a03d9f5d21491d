use crate::names::named;

named! {
    /// Where a task stands.
    TaskStatus ("task status") {
        /// Stored, nothing ran yet.
        Pending = "pending",
        /// A step was claimed.
        Running = "running",
        /// Every open step waits for a person.
        Waiting = "waiting",
        /// Held back by its user.
        Paused = "paused",
        /// To be cancelled as soon as no job of it is leased.
        Cancelling = "cancelling",
        /// Every required step completed and every contract held.
        Completed = "completed",
        /// A required step failed; `error` says which and why.
        Failed = "failed",
        /// Ended by its user.
        Cancelled = "cancelled",
    }
}

impl TaskStatus {
    /// No change of status follows, ever.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Jobs of the task may be claimed.
    pub const fn runs(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }

    /// The transition table of a task. The SQL trigger `tasks_transition` holds the same pairs; a test compares them.
    pub const fn may_become(self, next: Self) -> bool {
        use TaskStatus::{
            Cancelled, Cancelling, Completed, Failed, Paused, Pending, Running, Waiting,
        };
        matches!(
            (self, next),
            (Pending, Running | Cancelled)
                | (Running, Waiting | Paused | Completed | Failed | Cancelled | Cancelling)
                | (Waiting, Running | Completed | Failed | Cancelled)
                | (Paused, Running | Waiting | Completed | Failed | Cancelled | Cancelling)
                | (Cancelling, Cancelled)
        )
    }

    /// A new task may be stored with this status.
    pub const fn may_begin(self) -> bool {
        matches!(self, Self::Pending)
    }
}

named! {
    /// What kind of work a task asks for.
    TaskType ("task type") {
        /// Find out from the web.
        Research = "research",
        /// Write a program.
        Code = "code",
        /// Write a website.
        Website = "website",
        /// Describe and test data.
        Analysis = "analysis",
        /// Find out why a program fails.
        Debug = "debug",
        /// Write documentation.
        Documentation = "documentation",
        /// An explicit plan, or one that a model makes.
        Custom = "custom",
    }
}

impl TaskType {
    /// Accepts the long names of the first release too; answers always use the short one.
    pub fn from_input(word: &str) -> Option<Self> {
        match word {
            "code_generation" => Some(Self::Code),
            "website_creation" => Some(Self::Website),
            "data_analysis" => Some(Self::Analysis),
            "debugging" => Some(Self::Debug),
            _ => word.parse().ok(),
        }
    }
}

named! {
    /// Orders the releases of one user's jobs; it is no second queue.
    Priority ("priority") {
        /// In turn.
        Normal = "normal",
        /// Before the user's other jobs.
        High = "high",
    }
}

impl Priority {
    /// The number that orders job rows: larger goes first.
    pub const fn rank(self) -> i16 {
        match self {
            Self::Normal => 0,
            Self::High => 1,
        }
    }
}

named! {
    /// What happens to a tool call that may act twice in the world.
    OnUnsafe ("policy for unsafe calls") {
        /// Ask the user.
        Ask = "ask",
        /// Refuse it; the agent is told.
        Deny = "deny",
        /// Let it happen.
        Allow = "allow",
    }
}

named! {
    /// Where a plan came from.
    PlanSource ("plan source") {
        /// The template of the task type.
        Template = "template",
        /// A model planned.
        Model = "model",
        /// The request carried it.
        Given = "given",
        /// One capability was invoked.
        Capability = "capability",
    }
}

named! {
    /// What happens when a budget does not suffice.
    OnExceeded ("policy for spent budgets") {
        /// The task waits for more.
        Wait = "wait",
        /// The task fails.
        Fail = "fail",
    }
}
