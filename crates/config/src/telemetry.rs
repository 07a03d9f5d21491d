use crate::section::{default, section};
use crate::setting::words;

words! {
    /// How log lines look.
    LogFormat {
        /// Pretty on a terminal, else JSON.
        Auto = "auto",
        /// For people.
        Pretty = "pretty",
        /// For collectors.
        Json = "json",
    }
}

section! {
    /// `NINJA_TELEMETRY__*`: logs.
    TelemetryConfig {
        /// How log lines look.
        log_format: LogFormat = default(&["auto"]);
        /// What is logged: a level, or directives such as `info,ninja_worker=debug`.
        log_level: String = default(&["info"]);
    }
}
