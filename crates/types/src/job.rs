use crate::names::named;

named! {
    /// What a job does when it runs.
    JobKind ("job kind") {
        /// One attempt of a step.
        RunStep = "run_step",
        /// Asks a provider of models whether it works.
        TestProvider = "test_provider",
    }
}

impl JobKind {
    /// Attempts before a job that keeps failing is parked.
    pub const fn max_attempts(self) -> i32 {
        match self {
            Self::RunStep => 5,
            Self::TestProvider => 1,
        }
    }
}

named! {
    /// Where a job stands. A finished job is no row at all.
    JobState ("job state") {
        /// Owed: due at `not_before`.
        Ready = "ready",
        /// A worker holds it.
        Leased = "leased",
        /// Parked for a person to look at.
        Dead = "dead",
    }
}

impl JobState {
    /// The transition table of a job. The SQL trigger `jobs_transition` holds the same pairs; a test compares them.
    /// `ready` and `leased` may also stay what they are: a release, a hold and a takeover change other columns.
    pub const fn may_become(self, next: Self) -> bool {
        use JobState::{Dead, Leased, Ready};
        matches!((self, next), (Ready, Leased) | (Leased, Ready | Dead) | (Dead, Ready))
    }

    /// A new job may be stored in this state; `leased` is the shortcut of a finished step's successor.
    pub const fn may_begin(self) -> bool {
        matches!(self, Self::Ready | Self::Leased)
    }
}

named! {
    /// A named queue that workers serve; operators scale by it.
    Pool ("pool") {
        /// Steps of the Researcher, `plan` steps and the drill.
        Researcher = "researcher",
        /// Steps of the Coder.
        Coder = "coder",
        /// Steps of the Writer.
        Writer = "writer",
        /// Steps of the Analyst.
        Analyst = "analyst",
        /// Steps of the Debugger.
        Debugger = "debugger",
        /// Checks of what the installation is connected to.
        System = "system",
    }
}
