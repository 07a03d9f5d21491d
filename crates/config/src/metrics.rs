use secrecy::SecretString;

use crate::section::{optional, section};

section! {
    /// `NINJA_METRICS__*`: who may read `/metrics` of the API. The worker's own port asks nobody.
    MetricsConfig {
        /// The bearer token of the collector. Left out: administrators only.
        token: Option<SecretString> = optional("a-long-random-text-for-prometheus");
    }
}
