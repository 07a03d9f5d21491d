use std::collections::HashSet;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStoreExt};

use crate::store::Store;
use crate::{FilesError, Sha256};

/// How many files are asked about at a time.
const BATCH: usize = 500;

impl Store {
    /// Removes files that nobody names and that are older than `spare`, and answers how many. `named` says which of some
    /// files a row names.
    ///
    /// Bytes are kept before the row that names them is written, and keeping what is there already makes it young again:
    /// so `spare` must be longer than any request or step.
    pub async fn collect<E: From<FilesError>>(
        &self,
        spare: Duration,
        mut named: impl AsyncFnMut(Vec<Sha256>) -> Result<HashSet<Sha256>, E>,
    ) -> Result<u64, E> {
        let old = self.objects().list(self.prefix().as_ref());
        let old = old.map_err(FilesError::other).try_filter_map(|object| {
            std::future::ready(Ok(sha256(&object).filter(|_| is_old(&object, spare))))
        });
        let mut batches = old.try_chunks(BATCH);
        let mut removed = 0;
        while let Some(batch) = batches.next().await {
            let batch = batch.map_err(|stopped| stopped.1)?;
            let kept = named(batch.clone()).await?;
            for sha256 in batch.into_iter().filter(|sha256| !kept.contains(sha256)) {
                removed += u64::from(self.remove_old(&sha256, spare).await?);
            }
        }
        Ok(removed)
    }

    /// Looks at the age once more: the same content may have come again meanwhile.
    async fn remove_old(&self, sha256: &Sha256, spare: Duration) -> Result<bool, FilesError> {
        let name = self.name(sha256);
        let removed = match self.objects().head(&name).await {
            Ok(object) if is_old(&object, spare) => self.objects().delete(&name).await,
            Ok(_) => return Ok(false),
            Err(error) => Err(error),
        };
        match removed {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false), // another collector was here
            Err(error) => Err(FilesError::other(error)),
        }
    }
}

fn is_old(object: &ObjectMeta, spare: Duration) -> bool {
    let age = std::time::SystemTime::from(object.last_modified).elapsed();
    age.is_ok_and(|age| age > spare)
}

/// The hash that names it; anything else in the folder is not ours.
fn sha256(object: &ObjectMeta) -> Option<Sha256> {
    object.location.filename()?.parse().ok()
}
