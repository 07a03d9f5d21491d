use std::time::{Duration, SystemTime};

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStoreExt};

use crate::store::Store;
use crate::{FilesError, Sha256};

/// How many files come at a time.
const BATCH: usize = 500;

impl Store {
    /// Files that are older than `spare`, in batches: whoever knows the rows says which of them are still named, and
    /// hands the others to [`Store::remove_old`].
    ///
    /// Bytes are kept before the row that names them is written, and keeping what is there already makes it young again:
    /// so `spare` must be longer than any request or step.
    pub fn old(&self, spare: Duration) -> BoxStream<'_, Result<Vec<Sha256>, FilesError>> {
        let all = self.objects().list(self.prefix().as_ref()).map_err(FilesError::other);
        let old = all.try_filter_map(move |object| {
            std::future::ready(Ok(sha256(&object).filter(|_| is_old(&object, spare))))
        });
        old.try_chunks(BATCH).map_err(|stopped| stopped.1).boxed()
    }

    /// Removes a file that is still older than `spare`: the same content may have come again meanwhile. Answers whether
    /// it did.
    pub async fn remove_old(&self, sha256: &Sha256, spare: Duration) -> Result<bool, FilesError> {
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
    SystemTime::from(object.last_modified).elapsed().is_ok_and(|age| age > spare)
}

/// The hash that names it; anything else in the folder is not ours.
fn sha256(object: &ObjectMeta) -> Option<Sha256> {
    object.location.filename()?.parse().ok()
}
