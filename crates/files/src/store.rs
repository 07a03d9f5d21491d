use std::fs::{self, DirBuilder, File};
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use ninja_config::{FilesBackend, FilesConfig};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetResult, GetResultPayload, ObjectStore, ObjectStoreExt};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

use crate::staging::{self, Staged, Staging};
use crate::{FilesError, Sha256, bucket};

/// A staged file that is older belongs to a process that died.
const STALE: Duration = Duration::from_hours(24);

/// How much is read from disk at a time.
const CHUNK: usize = 64 * 1024;

/// The name of an object that there is not: asking for it shows whether the bucket answers.
const NOBODY: Sha256 = Sha256([0; 32]);

/// The bytes of a file as they come.
pub type Bytestream = BoxStream<'static, Result<Bytes, FilesError>>;

/// Where the bytes of uploads and artifacts lie, named by their SHA-256. Cheap to clone.
///
/// A file is written under a name that nobody reads and gets its own in one move, so whatever can be
/// read is whole.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    objects: Arc<dyn ObjectStore>,
    /// First part of every object's name: empty, or ends in a slash.
    prefix: String,
    /// Where objects lie if they lie in a folder: then a staged file is moved there, not copied.
    folder: Option<PathBuf>,
    /// The folder of files that are still coming in.
    staging: PathBuf,
}

/// A file that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The name of its content.
    pub sha256: Sha256,
    /// Its bytes.
    pub size: u64,
    /// By name and bytes; `application/octet-stream` where neither tells.
    pub content_type: &'static str,
}

/// A file that is being read.
pub struct Reading {
    /// Bytes of the whole file.
    pub size: u64,
    /// Which of them come.
    pub range: Range<u64>,
    /// Them.
    pub stream: Bytestream,
}

impl Store {
    /// Opens the store that the configuration names, and makes its folders.
    pub async fn open(config: &FilesConfig) -> Result<Self, FilesError> {
        let config = config.clone();
        spawn_blocking(move || Self::open_blocking(&config)).await?
    }

    /// [`Store::open`] for a process that has nothing else to do yet.
    pub fn open_blocking(config: &FilesConfig) -> Result<Self, FilesError> {
        let inner = match config.backend {
            FilesBackend::Local => Inner::in_folder(&config.root),
            FilesBackend::S3 => Inner::in_bucket(config),
        };
        Ok(Self(Arc::new(inner?)))
    }

    /// Begins a file of at most `max_bytes`.
    pub async fn stage(&self, max_bytes: u64) -> Result<Staging, FilesError> {
        Staging::create(self.0.staging.clone(), max_bytes).await
    }

    /// Keeps a staged file for good. The same content may be kept any number of times.
    pub async fn keep(&self, staged: Staged) -> Result<Sha256, FilesError> {
        let (sha256, name) = (staged.sha256, self.0.name(&staged.sha256));
        if let Some(folder) = &self.0.folder {
            let to = folder.join(name.as_ref());
            spawn_blocking(move || move_to(staged, &to)).await??;
        } else {
            bucket::put(&*self.0.objects, &name, staged).await?;
        }
        Ok(sha256)
    }

    /// Keeps `bytes` as a file called `name`.
    pub async fn put_bytes(&self, bytes: Bytes, name: &str) -> Result<Stored, FilesError> {
        let mut staging = self.stage(u64::MAX).await?;
        staging.write(bytes).await?;
        self.put(staging.finish().await?, name).await
    }

    /// Keeps what is read from `file`, at most `max_bytes`, as a file called `name`.
    pub async fn put_file(
        &self,
        file: File,
        name: &str,
        max_bytes: u64,
    ) -> Result<Stored, FilesError> {
        let folder = self.0.staging.clone();
        let staged = spawn_blocking(move || staging::copy(&folder, file, max_bytes)).await??;
        self.put(staged, name).await
    }

    async fn put(&self, staged: Staged, name: &str) -> Result<Stored, FilesError> {
        let (size, content_type) = (staged.size, staged.content_type(name).await?);
        Ok(Stored { sha256: self.keep(staged).await?, size, content_type })
    }

    /// Reads a file, or a range of it that starts before its end.
    pub async fn read(
        &self,
        sha256: &Sha256,
        range: Option<Range<u64>>,
    ) -> Result<Reading, FilesError> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let got = self.0.objects.get_opts(&self.0.name(sha256), options).await;
        let got = got.map_err(|cause| FilesError::of_object(cause, *sha256))?;
        let (size, range) = (got.meta.size, got.range.clone());
        Ok(Reading { size, range, stream: stream(got).await? })
    }

    /// An open file, for those who must seek or may not wait.
    pub(crate) async fn file(&self, sha256: &Sha256) -> Result<File, FilesError> {
        if let Some(folder) = &self.0.folder {
            let (path, sha256) = (folder.join(self.0.name(sha256).as_ref()), *sha256);
            let opened = spawn_blocking(move || File::open(path)).await?;
            return opened.map_err(|cause| match cause.kind() {
                io::ErrorKind::NotFound => FilesError::Missing(sha256),
                _ => cause.into(),
            });
        }
        let (mut staging, mut reading) =
            (self.stage(u64::MAX).await?, self.read(sha256, None).await?);
        while let Some(bytes) = reading.stream.next().await {
            staging.write(bytes?).await?;
        }
        let staged = staging.finish().await?;
        // Its name goes at once, its bytes when it is closed.
        Ok(spawn_blocking(move || File::open(staged.scratch.path())).await??)
    }

    /// The size of a file.
    pub async fn size(&self, sha256: &Sha256) -> Result<u64, FilesError> {
        let found = self.0.objects.head(&self.0.name(sha256)).await;
        Ok(found.map_err(|cause| FilesError::of_object(cause, *sha256))?.size)
    }

    /// Copies a file to a path that must be free, and answers its size.
    pub async fn copy_to(&self, sha256: &Sha256, to: &Path) -> Result<u64, FilesError> {
        let mut reading = self.read(sha256, None).await?;
        let mut file = tokio::fs::File::create_new(to).await?;
        while let Some(bytes) = reading.stream.next().await {
            file.write_all(&bytes?).await?;
        }
        file.flush().await?;
        Ok(reading.size)
    }

    /// Says whether files can be taken and read now.
    pub async fn ready(&self) -> Result<(), FilesError> {
        let folders: Vec<_> = self.0.folder.iter().chain([&self.0.staging]).cloned().collect();
        spawn_blocking(move || folders.iter().try_for_each(|folder| writable(folder))).await??;
        if self.0.folder.is_none() {
            bucket::answers(&*self.0.objects, &self.0.name(&NOBODY)).await?;
        }
        Ok(())
    }

    pub(crate) fn objects(&self) -> &dyn ObjectStore {
        &*self.0.objects
    }

    pub(crate) fn name(&self, sha256: &Sha256) -> ObjectPath {
        self.0.name(sha256)
    }

    /// The folder of all objects in a bucket; `None`: all that there is.
    pub(crate) fn prefix(&self) -> Option<ObjectPath> {
        (!self.0.prefix.is_empty()).then(|| ObjectPath::from(self.0.prefix.as_str()))
    }
}

impl Inner {
    fn in_folder(root: &Path) -> Result<Self, FilesError> {
        let folder = root.join("objects");
        make_folder(&folder)?;
        let objects = LocalFileSystem::new_with_prefix(&folder).map_err(FilesError::other)?;
        let staging = staging_folder(root)?;
        Ok(Self {
            objects: Arc::new(objects),
            prefix: String::new(),
            folder: Some(folder),
            staging,
        })
    }

    fn in_bucket(config: &FilesConfig) -> Result<Self, FilesError> {
        let prefix = match config.s3_prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        let staging = staging_folder(&config.root)?;
        Ok(Self { objects: bucket::open(config)?, prefix, folder: None, staging })
    }

    /// Folders of 256, so that none holds millions of names.
    fn name(&self, sha256: &Sha256) -> ObjectPath {
        let hex = sha256.to_string();
        ObjectPath::from(format!("{}{}/{hex}", self.prefix, &hex[..2]))
    }
}

/// Moves a file, and lets the move reach the disk before anybody is told of it.
fn move_to(staged: Staged, to: &Path) -> Result<(), FilesError> {
    let folder = to.parent().ok_or_else(|| FilesError::other("an object lies in a folder"))?;
    make_folder(folder)?;
    staged.scratch.rename(to)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

async fn stream(got: GetResult) -> Result<Bytestream, FilesError> {
    let range = got.range.clone();
    match got.payload {
        GetResultPayload::Stream(stream) => Ok(stream.map_err(FilesError::other).boxed()),
        GetResultPayload::File(file, _) => {
            let mut file = tokio::fs::File::from_std(file);
            file.seek(SeekFrom::Start(range.start)).await?;
            let part = file.take(range.end - range.start);
            Ok(ReaderStream::with_capacity(part, CHUNK).map_err(FilesError::from).boxed())
        }
    }
}

fn staging_folder(root: &Path) -> io::Result<PathBuf> {
    let folder = root.join("staging");
    make_folder(&folder)?;
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > STALE {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(folder)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn writable(folder: &Path) -> Result<(), FilesError> {
    match fs::metadata(folder)? {
        meta if meta.is_dir() && !meta.permissions().readonly() => Ok(()),
        _ => Err(FilesError::other("the folder of the file store cannot be written")),
    }
}
