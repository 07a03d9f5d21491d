//! The file store in a bucket of any S3.

use std::sync::Arc;
use std::time::Duration;

use ninja_config::FilesConfig;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as ObjectPath;
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart,
};
use secrecy::ExposeSecret;
use tokio::io::AsyncReadExt;

use crate::FilesError;
use crate::staging::Staged;

/// What goes in one request; S3 takes no smaller parts than 5 MiB.
const PART: usize = 8 * 1024 * 1024;

/// Parts under way at the same time: two of them are all of an upload that is ever in memory.
const PARTS: usize = 2;

pub(crate) fn open(config: &FilesConfig) -> Result<Arc<dyn ObjectStore>, FilesError> {
    let client = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_mins(1));
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: Duration::from_secs(30),
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(config.s3_bucket.as_deref().unwrap_or_default())
        .with_region(&config.s3_region)
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = &config.s3_endpoint {
        // Nobody but the operator names it, and a server next door need not speak TLS.
        let plain = endpoint.scheme() == "http";
        builder =
            builder.with_endpoint(endpoint.as_str().trim_end_matches('/')).with_allow_http(plain);
    }
    if let Some(id) = &config.s3_access_key_id {
        builder = builder.with_access_key_id(id.expose_secret());
    }
    if let Some(secret) = &config.s3_secret_access_key {
        builder = builder.with_secret_access_key(secret.expose_secret());
    }
    Ok(Arc::new(builder.build().map_err(FilesError::other)?))
}

/// Uploads a staged file. S3 shows an object when its last part is in, never before.
pub(crate) async fn put(
    objects: &dyn ObjectStore,
    name: &ObjectPath,
    staged: Staged,
) -> Result<(), FilesError> {
    let mut file = tokio::fs::File::open(staged.scratch.path()).await?;
    if usize::try_from(staged.size).is_ok_and(|size| size <= PART) {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).await?;
        objects.put(name, bytes.into()).await.map_err(FilesError::other)?;
        return Ok(());
    }
    let upload = objects.put_multipart(name).await.map_err(FilesError::other)?;
    let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
    match send(&mut file, &mut upload).await {
        Ok(()) => upload.finish().await.map(|_| ()).map_err(FilesError::other),
        Err(error) => {
            if let Err(error) = upload.abort().await {
                tracing::warn!(%error, "the parts of a failed upload stay in the bucket");
            }
            Err(error)
        }
    }
}

async fn send(file: &mut tokio::fs::File, to: &mut WriteMultipart) -> Result<(), FilesError> {
    let mut block = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut block).await?;
        if count == 0 {
            return Ok(());
        }
        to.wait_for_capacity(PARTS).await.map_err(FilesError::other)?;
        to.write(&block[..count]);
    }
}

/// Whether the bucket answers and the keys open it: there being no such object is an answer.
pub(crate) async fn answers(
    objects: &dyn ObjectStore,
    name: &ObjectPath,
) -> Result<(), FilesError> {
    match objects.head(name).await {
        Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
        Err(other) => Err(FilesError::other(other)),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use object_store::memory::InMemory;

    use super::*;
    use crate::staging::Staging;

    #[tokio::test]
    async fn a_file_of_one_part_and_one_of_several_arrive_whole() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = InMemory::new();
        for size in [0, 5, PART, PART + 1, 2 * PART + 12_345] {
            let bytes: Vec<u8> = (0..size).map(|at| at.to_le_bytes()[at % 2]).collect();
            let mut staging = Staging::create(folder.path().into(), u64::MAX).await.unwrap();
            staging.write(Bytes::from(bytes.clone())).await.unwrap();
            let name = ObjectPath::from(format!("{size}"));
            put(&bucket, &name, staging.finish().await.unwrap()).await.unwrap();
            let kept = bucket.get(&name).await.unwrap().bytes().await.unwrap();
            assert_eq!(kept.len(), size);
            assert!(kept == bytes, "{size} bytes are not what was sent");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays staged");
    }

    #[tokio::test]
    async fn a_bucket_that_has_no_such_object_answers() {
        answers(&InMemory::new(), &ObjectPath::from("nobody")).await.unwrap();
    }
}
