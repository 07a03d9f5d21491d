use crate::section::{default, section};

section! {
    /// `NINJA_DRILL__*`: the drill, for tests of the fleet.
    DrillConfig {
        /// Whether tasks may name the agent `noop`, which sleeps, spins and crashes on demand. Never in production.
        enabled: bool = default(&["false"]);
    }
}
