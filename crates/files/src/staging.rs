use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::mem;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::Digest;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::detect;
use crate::{FileName, FileType, FilesError, Refusal, Sha256};

/// Bytes are hashed and written in blocks of this size, off the threads that serve requests.
const BLOCK: usize = 1024 * 1024;

/// A file that is still coming in. It has no name that anybody reads, and is gone when this is dropped.
#[derive(Debug)]
pub struct Staging {
    /// Away only while a block is being written; a dropped request takes it along and the file goes.
    open: Option<Open>,
    block: Vec<u8>,
    taken: u64,
    max_bytes: u64,
}

/// A whole file that nobody can see yet: ask what it is, then keep it, or drop it and it is gone.
#[derive(Debug)]
pub struct Staged {
    /// The name of its content.
    pub sha256: Sha256,
    /// Its bytes.
    pub size: u64,
    pub(crate) scratch: Scratch,
}

#[derive(Debug)]
struct Open {
    scratch: Scratch,
    file: File,
    hash: sha2::Sha256,
    size: u64,
}

/// A file that goes when it is dropped, unless it was moved away.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Staging {
    pub(crate) async fn create(folder: PathBuf, max_bytes: u64) -> Result<Self, FilesError> {
        let open = spawn_blocking(move || Open::create(&folder)).await??;
        Ok(Self { open: Some(open), block: Vec::new(), taken: 0, max_bytes })
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), FilesError> {
        self.taken = self.taken.saturating_add(length(&bytes));
        if self.taken > self.max_bytes {
            return Err(FilesError::TooLarge { max_bytes: self.max_bytes });
        }
        self.block.extend_from_slice(&bytes);
        if self.block.len() >= BLOCK { self.flush().await } else { Ok(()) }
    }

    /// Ends the file.
    pub async fn finish(mut self) -> Result<Staged, FilesError> {
        self.flush().await?;
        let open = self.open.take().ok_or_else(broken)?;
        spawn_blocking(move || open.finish()).await?
    }

    async fn flush(&mut self) -> Result<(), FilesError> {
        let mut open = self.open.take().ok_or_else(broken)?;
        let block = mem::take(&mut self.block);
        let written = spawn_blocking(move || open.write(&block).map(|()| (open, block))).await?;
        let (open, mut block) = written?;
        block.clear();
        self.block = block;
        self.open = Some(open);
        Ok(())
    }
}

impl Staged {
    /// Says what the file is, if its name and its bytes agree, and walks archives.
    pub async fn inspect(&self, name: &FileName) -> Result<Result<FileType, Refusal>, FilesError> {
        let (path, name) = (self.scratch.0.clone(), name.clone());
        Ok(spawn_blocking(move || detect::inspect(&path, &name)).await??)
    }

    /// The content type by name and bytes, for files that need not be in the list.
    pub(crate) async fn content_type(&self, name: &str) -> Result<&'static str, FilesError> {
        let (path, name) = (self.scratch.0.clone(), name.to_owned());
        Ok(spawn_blocking(move || detect::content_type(&path, &name)).await??)
    }
}

impl Open {
    fn create(folder: &Path) -> Result<Self, FilesError> {
        let path = folder.join(Uuid::now_v7().to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { scratch: Scratch(path), file, hash: sha2::Sha256::new(), size: 0 })
    }

    fn write(&mut self, block: &[u8]) -> Result<(), FilesError> {
        self.file.write_all(block)?;
        self.hash.update(block);
        self.size += length(block);
        Ok(())
    }

    /// On disk before it is named: the row that will name it is a promise.
    fn finish(self) -> Result<Staged, FilesError> {
        self.file.sync_all()?;
        let sha256 = Sha256(self.hash.finalize().into());
        Ok(Staged { sha256, size: self.size, scratch: self.scratch })
    }
}

/// Copies an open file, so that what is kept is what was hashed, whoever writes to it meanwhile.
pub(crate) fn copy(folder: &Path, mut from: File, max_bytes: u64) -> Result<Staged, FilesError> {
    let mut open = Open::create(folder)?;
    let mut block = vec![0; BLOCK];
    loop {
        let count = match from.read(&mut block) {
            Ok(0) => return open.finish(),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        open.write(&block[..count])?;
        if open.size > max_bytes {
            return Err(FilesError::TooLarge { max_bytes });
        }
    }
}

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives the file its name; what was there is replaced in one move.
    pub(crate) fn rename(self, to: &Path) -> io::Result<()> {
        std::fs::rename(&self.0, to)?;
        mem::forget(self); // nothing left to remove
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "a staged file could not be removed");
        }
    }
}

/// A write failed before: the file is gone already.
fn broken() -> FilesError {
    FilesError::other("an earlier write of this file failed")
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
