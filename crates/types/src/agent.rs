use crate::Pool;
use crate::names::named;

named! {
    /// Who does a step.
    AgentKind ("agent type") {
        /// Finds, reads and cites.
        Researcher = "researcher",
        /// Writes and runs programs.
        Coder = "coder",
        /// Writes for people.
        Writer = "writer",
        /// Computes from data.
        Analyst = "analyst",
        /// Finds causes.
        Debugger = "debugger",
        /// Plans a task for the others.
        Planner = "planner",
        /// The drill: does nothing, on purpose. Only where the operator enabled it.
        Noop = "noop",
    }
}

impl AgentKind {
    /// The pool whose workers run this agent's steps.
    pub const fn pool(self) -> Pool {
        match self {
            Self::Researcher | Self::Planner | Self::Noop => Pool::Researcher,
            Self::Coder => Pool::Coder,
            Self::Writer => Pool::Writer,
            Self::Analyst => Pool::Analyst,
            Self::Debugger => Pool::Debugger,
        }
    }
}

named! {
    /// What a takeover may do with a call that was begun and never answered.
    Effect ("effect") {
        /// Leaves no trace outside the step's workspace: run it again.
        Pure = "pure",
        /// The same key or content gives the same world: run it again with the same key.
        Idempotent = "idempotent",
        /// May act twice: ask the user.
        Unsafe = "unsafe",
    }
}

named! {
    /// What was called.
    CallKind ("call kind") {
        /// A model.
        Model = "model",
        /// A tool.
        Tool = "tool",
    }
}

named! {
    /// Where a recorded call stands.
    CallState ("call state") {
        /// Begun; whether it happened is not known.
        Intended = "intended",
        /// Answered; the answer is stored.
        Done = "done",
        /// Belongs to a history that a replay left behind.
        Superseded = "superseded",
    }
}
