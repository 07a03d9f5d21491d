//! Slots: where a workspace lives and, under a root worker, whose it is. A slot is held by a lock on
//! its file, so workers that share a root never share a slot, and what a dead worker left behind is
//! recognised by its lock being free.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use crate::removal;

/// More workspaces at once than any worker has.
const MOST: u32 = 4096;

/// The folder of all slots.
#[derive(Debug)]
pub(crate) struct Slots {
    root: PathBuf,
    uid_base: Option<u32>,
}

/// One held slot; removed and free again when dropped, which blocks.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The run's user and group, when the worker is root.
    pub(crate) uid: Option<u32>,
    /// The folder that becomes `/workspace`.
    pub(crate) work: PathBuf,
    /// For temporary files, where a run has no `/tmp` of its own.
    pub(crate) tmp: PathBuf,
    /// Around it.
    pub(crate) folder: PathBuf,
    _lock: File,
}

impl Slots {
    /// Makes the root, unless it is there: then it is somebody's folder and stays as it is. Slot
    /// users must be able to pass it, and need to see nothing of it.
    pub(crate) fn open(root: &Path, uid_base: Option<u32>) -> io::Result<Self> {
        if !root.exists() {
            fs::create_dir_all(root)?;
            let mode = if uid_base.is_some() { 0o711 } else { 0o700 };
            fs::set_permissions(root, Permissions::from_mode(mode))?;
        }
        Ok(Self { root: root.canonicalize()?, uid_base })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The first free slot, with an empty workspace.
    pub(crate) fn take(&self) -> io::Result<Slot> {
        for number in 0..MOST {
            if let Some(lock) = self.lock(number)? {
                return self.furnish(number, lock);
            }
        }
        Err(io::Error::other("all workspaces are in use"))
    }

    /// Removes what workers left that ended without doing so themselves.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        for number in 0..MOST {
            if !self.lock_file(number).exists() {
                break;
            }
            if let Some(_held) = self.lock(number)? {
                removal::remove(&self.folder(number))?;
            }
        }
        Ok(())
    }

    fn lock_file(&self, number: u32) -> PathBuf {
        self.root.join(format!("slot-{number}.lock"))
    }

    fn folder(&self, number: u32) -> PathBuf {
        self.root.join(format!("slot-{number}"))
    }

    fn lock(&self, number: u32) -> io::Result<Option<File>> {
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(self.lock_file(number))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn furnish(&self, number: u32, lock: File) -> io::Result<Slot> {
        let folder = self.folder(number);
        removal::remove(&folder)?;
        let uid = self.uid_base.map(|base| base + number);
        let (work, tmp) = (folder.join("work"), folder.join("tmp"));
        for path in [&folder, &work, &tmp] {
            DirBuilder::new().mode(0o700).create(path)?;
            if uid.is_some() {
                fchown(File::open(path)?, uid, uid)?;
            }
        }
        Ok(Slot { uid, work, tmp, folder, _lock: lock })
    }
}

impl Drop for Slot {
    /// First the folder, and then, with the lock, the slot.
    fn drop(&mut self) {
        if let Err(error) = removal::remove(&self.folder) {
            tracing::warn!(%error, "a workspace could not be removed; its slot's next user will");
        }
    }
}
