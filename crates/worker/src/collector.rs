use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use ninja_db::{DbError, files};
use ninja_files::FilesError;
use tokio_util::sync::CancellationToken;

use crate::worker::Worker;

const EVERY: Duration = Duration::from_hours(1);
/// Bytes are kept before the row that names them is written: no request and no step lasts so long. A dump of the
/// database that is younger than this never names a missing file.
const SPARE: Duration = Duration::from_hours(24);

/// Removes the bytes of files and artifacts that no row names any more, until `end`. Several may do it at a time.
pub(crate) async fn collect(worker: Arc<Worker>, end: CancellationToken) {
    let mut pause = tokio::time::interval(EVERY);
    while end.run_until_cancelled(pause.tick()).await.is_some() {
        match end.run_until_cancelled(pass(&worker)).await {
            Some(Ok(0)) | None => {}
            Some(Ok(removed)) => tracing::info!(removed, "collected files that nobody names"),
            Some(Err(error)) => {
                let cause: &dyn std::error::Error = &error;
                tracing::warn!(error = cause, "files could not be collected");
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum CollectError {
    #[error("the file store failed")]
    Files(#[from] FilesError),
    #[error("the rows could not be asked")]
    Rows(#[from] DbError),
}

async fn pass(worker: &Worker) -> Result<u64, CollectError> {
    let store = &worker.bench.store;
    let (mut old, mut removed) = (store.old(SPARE), 0);
    while let Some(batch) = old.try_next().await? {
        let hashes: Vec<String> = batch.iter().map(ToString::to_string).collect();
        let named = files::named(&mut *worker.conn().await?, &hashes).await?;
        let named: HashSet<String> = named.into_iter().collect();
        for (sha256, _) in batch.iter().zip(&hashes).filter(|(_, hash)| !named.contains(*hash)) {
            removed += u64::from(store.remove_old(sha256, SPARE).await?);
        }
    }
    Ok(removed)
}
