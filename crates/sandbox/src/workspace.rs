//! The folder that a program works in, and the only way to put something in or get something out.

use std::fs::{File, Permissions};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, mkdirat, openat2, unlinkat};
use rustix::io::Errno;

use crate::collect::{self, Collected};
use crate::disk;
use crate::outcome::Usage;
use crate::slots::Slot;
use crate::{DiskLimits, RelPath};

/// No name inside a workspace can lead out of it.
pub(crate) const CONFINED: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

/// Removed when dropped. All methods block: call them where blocking is allowed.
#[derive(Debug)]
pub struct Workspace {
    slot: Option<Slot>,
    uid: Option<u32>,
    path: PathBuf,
    top: OwnedFd,
    tmp: (PathBuf, OwnedFd),
    limits: DiskLimits,
    janitor: mpsc::Sender<Slot>,
}

impl Workspace {
    pub(crate) fn furnish(
        slot: Slot,
        limits: DiskLimits,
        janitor: mpsc::Sender<Slot>,
    ) -> io::Result<Self> {
        let top = OwnedFd::from(File::open(&slot.work)?);
        let tmp = (slot.tmp.clone(), OwnedFd::from(File::open(&slot.tmp)?));
        let (uid, path) = (slot.uid, slot.work.clone());
        Ok(Self { slot: Some(slot), uid, path, top, tmp, limits, janitor })
    }

    /// Where it is on the host. For reports and tests; read and write through the methods.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Temporary files of runs that have no `/tmp` of their own. They count as the workspace's, live
    /// as long, and are not collected.
    pub(crate) fn tmp(&self) -> &Path {
        &self.tmp.0
    }

    /// What it may hold.
    pub fn limits(&self) -> DiskLimits {
        self.limits
    }

    /// Writes one file, with the folders that it needs; an old one of this name is replaced, never
    /// written through. `mode` is that of the file: `0o644`, or `0o755` for a program.
    pub fn put(&self, path: &RelPath, bytes: &[u8], mode: u32) -> io::Result<()> {
        self.put_from(path, &mut &*bytes, mode).map(drop)
    }

    /// As [`put`](Self::put), from a reader. Answers the size.
    pub fn put_from(&self, path: &RelPath, from: &mut dyn Read, mode: u32) -> io::Result<u64> {
        let Some((folder, name)) = path.split() else {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "the workspace is no file"));
        };
        let folder = self.make_folders(folder)?;
        match unlinkat(&folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        // EXCL: the file is new and nobody else's, so it is safe to give it away.
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mut file = File::from(openat2(&folder, name, flags, Mode::RUSR, CONFINED)?);
        let size = io::copy(from, &mut file)?;
        file.set_permissions(Permissions::from_mode(mode & 0o777))?;
        self.give(&file)?;
        Ok(size)
    }

    /// Opens a regular file for reading; links and everything else are refused.
    pub fn open(&self, path: &RelPath) -> io::Result<File> {
        collect::open_file(self.top.as_fd(), path.as_str())
    }

    /// All files that may leave, opened, and what was left behind and why.
    pub fn collect(&self) -> io::Result<Collected> {
        collect::collect(self.top.as_fd())
    }

    /// The same for one folder, as if there were nothing beside it; paths are still those of the workspace.
    pub fn collect_below(&self, folder: &RelPath) -> io::Result<Collected> {
        collect::collect_below(self.top.as_fd(), folder.as_str())
    }

    pub(crate) fn uid(&self) -> Option<u32> {
        self.uid
    }

    /// Both folders that a run may fill.
    pub(crate) fn handles(&self) -> io::Result<[OwnedFd; 2]> {
        Ok([self.top.try_clone()?, self.tmp.1.try_clone()?])
    }

    /// Fills in what the workspace takes, and answers the limit that it passes.
    pub(crate) fn settle(
        &self,
        limits: DiskLimits,
        usage: &mut Usage,
    ) -> io::Result<Option<crate::Cause>> {
        let taken = disk::walk([self.top.as_fd(), self.tmp.1.as_fd()], limits)?;
        (usage.disk_bytes, usage.inodes) = (taken.bytes, taken.inodes);
        Ok(taken.over(limits))
    }

    fn make_folders(&self, folder: &str) -> io::Result<OwnedFd> {
        let mut at = self.top.try_clone()?;
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            let made = match mkdirat(&at, part, Mode::RWXU) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(errno) => return Err(errno.into()),
            };
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            at = openat2(&at, part, flags, Mode::empty(), CONFINED)?;
            if made {
                self.give(&at)?;
            }
        }
        Ok(at)
    }

    /// By descriptor, only what this process has just made.
    fn give(&self, made: impl AsFd) -> io::Result<()> {
        match self.uid {
            None => Ok(()),
            some => fchown(made, some, some),
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            // Without a janitor the slot comes back, and is removed here and now.
            drop(self.janitor.send(slot));
        }
    }
}
