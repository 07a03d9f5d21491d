use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file that a program finds in its workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GivenFile {
    /// Relative to the workspace.
    pub path: String,
    /// What is in it.
    #[serde(flatten)]
    pub content: Content,
}

/// What is in a given file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Content {
    /// Bytes of the file store.
    Stored {
        /// Their hash, hex: so a journaled request says exactly what was read.
        sha256: String,
    },
    /// This text.
    Text {
        /// As it is.
        text: String,
    },
}
