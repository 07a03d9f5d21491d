//! What may leave a workspace: regular files with one name, opened here and now, so that what is
//! stored is what was checked.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;

use rustix::fs::{Dir, FileType, Mode, OFlags, openat2};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::disk::open_folder;
use crate::workspace::CONFINED;

const MOST_FILES: usize = 200;
const MOST_BYTES: u64 = 100 * 1024 * 1024;
const DEEPEST: usize = 16;

/// Files that may be stored, in the order of their paths.
#[derive(Debug, Default)]
pub struct Collected {
    /// Open for reading, each.
    pub files: Vec<CollectedFile>,
    /// What stays behind.
    pub skipped: Vec<Skipped>,
}

/// A regular file of the workspace.
#[derive(Debug)]
pub struct CollectedFile {
    /// Relative to the workspace.
    pub path: String,
    /// At its beginning.
    pub file: File,
    /// Its size when it was opened.
    pub bytes: u64,
}

/// Something that does not leave the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// As well as it can be written.
    pub path_lossy: String,
    /// Why.
    pub reason: Skip,
}

/// Why something stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// A symbolic link: it could lead anywhere.
    Symlink,
    /// A pipe, socket or device.
    Special,
    /// A file with several names.
    Hardlink,
    /// It does not fit into 100 MiB for all.
    TooBig,
    /// There are 200 already.
    TooMany,
    /// Not UTF-8, or with control characters.
    BadName,
    /// More than 16 folders deep.
    TooDeep,
    /// Its owner forbade reading it.
    Unreadable,
    /// Gone between listing and opening.
    Vanished,
}

pub(crate) fn collect(top: BorrowedFd<'_>) -> io::Result<Collected> {
    let mut walk = Walk { found: Collected::default(), bytes: 0 };
    walk.folder(top, "", 0)?;
    Ok(walk.found)
}

/// As [`collect`], for one folder. None there, or something else of that name: nothing.
pub(crate) fn collect_below(top: BorrowedFd<'_>, folder: &str) -> io::Result<Collected> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(at) = openat2(top, folder, flags, Mode::empty(), CONFINED) else {
        return Ok(Collected::default());
    };
    let mut walk = Walk { found: Collected::default(), bytes: 0 };
    walk.folder(at.as_fd(), folder, folder.split('/').count())?;
    Ok(walk.found)
}

struct Walk {
    found: Collected,
    bytes: u64,
}

impl Walk {
    fn folder(&mut self, at: BorrowedFd<'_>, path: &str, depth: usize) -> io::Result<()> {
        let mut names = Vec::new();
        for entry in Dir::read_from(at)? {
            let name = Box::<CStr>::from(entry?.file_name());
            if &*name != c"." && &*name != c".." {
                names.push(name);
            }
        }
        names.sort();
        for name in names {
            self.entry(at, path, &name, depth)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        at: BorrowedFd<'_>,
        folder: &str,
        name: &CStr,
        depth: usize,
    ) -> io::Result<()> {
        let lossy = name.to_string_lossy();
        let path = if folder.is_empty() { lossy.to_string() } else { format!("{folder}/{lossy}") };
        let stat = match rustix::fs::statat(at, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT) => return self.skip(path, Skip::Vanished),
            Err(errno) => return Err(errno.into()),
        };
        let proper = name.to_str().is_ok_and(|name| !name.chars().any(char::is_control));
        match FileType::from_raw_mode(stat.st_mode) {
            _ if !proper => self.skip(path, Skip::BadName),
            FileType::Symlink => self.skip(path, Skip::Symlink),
            FileType::Directory if depth >= DEEPEST => self.skip(path, Skip::TooDeep),
            FileType::Directory => match open_folder(at, name) {
                Ok(below) => self.folder(below.as_fd(), &path, depth + 1),
                Err(_swapped) => self.skip(path, Skip::Vanished),
            },
            FileType::RegularFile => self.file(at, name, path),
            _ => self.skip(path, Skip::Special),
        }
    }

    fn file(&mut self, at: BorrowedFd<'_>, name: &CStr, path: String) -> io::Result<()> {
        if self.found.files.len() >= MOST_FILES {
            return self.skip(path, Skip::TooMany);
        }
        let file = match open_file(at, name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return self.skip(path, Skip::Unreadable);
            }
            Err(_swapped) => return self.skip(path, Skip::Vanished),
        };
        let facts = file.metadata()?;
        if facts.nlink() > 1 {
            return self.skip(path, Skip::Hardlink);
        }
        if self.bytes + facts.len() > MOST_BYTES {
            return self.skip(path, Skip::TooBig);
        }
        self.bytes += facts.len();
        self.found.files.push(CollectedFile { path, file, bytes: facts.len() });
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "the last word of a function that may fail")]
    fn skip(&mut self, path_lossy: String, reason: Skip) -> io::Result<()> {
        self.found.skipped.push(Skipped { path_lossy, reason });
        Ok(())
    }
}

/// A regular file below `at`, or an error: whatever the name has become meanwhile, this neither
/// follows it outside nor waits for a pipe.
pub(crate) fn open_file(at: BorrowedFd<'_>, name: impl rustix::path::Arg) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat2(at, name, flags, Mode::empty(), CONFINED)?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no regular file"))
    }
}
