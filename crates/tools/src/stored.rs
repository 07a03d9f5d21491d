//! Bytes of the file store, past the journal: content is named by its hash, so a replay reads and writes the same.

use std::error::Error;

use futures_util::TryStreamExt;
use ninja_files::{FilesError, Sha256};
use ninja_types::{Failure, FailureCode};

use crate::{Bench, MadeFile, ToolError};

/// The whole of a stored file, or `None` if it is larger than `most` bytes.
pub async fn read_stored(
    bench: &Bench,
    sha256: &str,
    most: u64,
) -> Result<Option<Vec<u8>>, ToolError> {
    let reading = bench.store.read(&key(sha256)?, None).await.map_err(|e| failed(&e))?;
    if reading.size > most {
        return Ok(None);
    }
    let whole = Vec::with_capacity(usize::try_from(reading.size).unwrap_or_default());
    let add = |mut whole: Vec<u8>, piece: _| async move {
        whole.extend_from_slice(AsRef::<[u8]>::as_ref(&piece));
        Ok(whole)
    };
    reading.stream.try_fold(whole, add).await.map(Some).map_err(|e| failed(&e))
}

/// Stores `bytes` as a file that would be called `path`. The same bytes may be stored any number of times.
pub async fn store_bytes(bench: &Bench, path: &str, bytes: Vec<u8>) -> Result<MadeFile, ToolError> {
    let stored = bench.store.put_bytes(bytes.into(), path).await.map_err(|e| failed(&e))?;
    Ok(MadeFile {
        path: path.to_owned(),
        size: stored.size,
        content_type: stored.content_type.to_owned(),
        sha256: stored.sha256.to_string(),
    })
}

pub(crate) fn key(sha256: &str) -> Result<Sha256, ToolError> {
    sha256.parse().map_err(|_not_hex| {
        let message = format!("`{sha256}` is no hash of a stored file.");
        ToolError::Failed(Failure::new(FailureCode::InputInvalid, message))
    })
}

pub(crate) fn failed(error: &FilesError) -> ToolError {
    if let FilesError::Missing(sha256) = error {
        let message = format!("The stored file {sha256} is gone.");
        return ToolError::Failed(Failure::new(FailureCode::InputMissing, message));
    }
    let cause: &dyn Error = error;
    tracing::warn!(error = cause, "the file store did not do its part");
    let message = "The file store could not be read or written.";
    ToolError::Retry(Failure::new(FailureCode::Internal, message))
}
