use std::io;

use crate::Sha256;

/// A cause that the log tells and nobody decides on.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the file store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Nothing of the file was kept.
    #[error("the file store is full")]
    Full(#[source] io::Error),
    /// More came than the caller allows. Nothing of the file was kept.
    #[error("more than {max_bytes} bytes")]
    TooLarge {
        /// The most that was allowed.
        max_bytes: u64,
    },
    /// A row names bytes that are not there: somebody removed them behind the product's back.
    #[error("the file store has no {0}")]
    Missing(Sha256),
    /// The folder or the bucket does not answer as it should.
    #[error("the file store does not work")]
    Unavailable(#[source] Source),
}

impl FilesError {
    pub(crate) fn other(cause: impl Into<Source>) -> Self {
        Self::Unavailable(cause.into())
    }

    pub(crate) fn of_object(cause: object_store::Error, sha256: Sha256) -> Self {
        match cause {
            object_store::Error::NotFound { .. } => Self::Missing(sha256),
            other => Self::other(other),
        }
    }
}

impl From<io::Error> for FilesError {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(cause),
            _ => Self::other(cause),
        }
    }
}

impl From<tokio::task::JoinError> for FilesError {
    fn from(cause: tokio::task::JoinError) -> Self {
        Self::other(cause)
    }
}

/// Why a file is not taken. The sentence is for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name breaks a rule.
    #[error("The filename {0}.")]
    Filename(&'static str),
    /// The extension is not in the list.
    #[error("Files of the type `{extension}` are not taken; these are: {allowed}.", allowed = crate::kinds::listed())]
    UnsupportedType {
        /// What stands behind the last dot; empty without one.
        extension: String,
    },
    /// The bytes are something else than the name says.
    #[error("The content does not agree with the extension `{extension}`: {reason}.")]
    TypeMismatch {
        /// What the name says.
        extension: &'static str,
        /// What the bytes are not.
        reason: &'static str,
    },
    /// An archive that would harm whoever unpacks it.
    #[error("The archive is refused: {0}.")]
    UnsafeArchive(&'static str),
}
