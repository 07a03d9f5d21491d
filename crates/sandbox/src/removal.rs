//! Removes a tree that an untrusted program made: however deep, however named, however locked.
//!
//! Nested folders are moved to the top before they are emptied, so that depth costs neither open
//! files nor stack. Nobody else writes to the tree any more.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

use crate::disk::open_folder;

/// Absent is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let top = match openat(CWD, path, flags, Mode::empty()) {
        Ok(top) => top,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    };
    let mut moved = 0_u64;
    loop {
        let folders = empty_of_files(&top)?;
        if folders.is_empty() {
            break;
        }
        for name in folders {
            let folder = open_folder(top.as_fd(), &name)?;
            for inner in empty_of_files(&folder)? {
                // Moving a folder changes its `..`, for which it must be writable.
                drop(open_folder(folder.as_fd(), &inner)?);
                moved += 1;
                let to = format!(".removing-{moved}");
                match renameat(&folder, &*inner, &top, &to) {
                    // A name that the program took: the next round has another number.
                    Ok(()) | Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            match unlinkat(&top, &*name, AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOTEMPTY) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
    unlinkat(CWD, path, AtFlags::REMOVEDIR)?;
    Ok(())
}

/// Unlinks everything but folders, whose names it answers.
fn empty_of_files(folder: &OwnedFd) -> io::Result<Vec<Box<CStr>>> {
    let mut folders = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let known = entry.file_type() == FileType::Directory;
        match if known { Err(Errno::ISDIR) } else { unlinkat(folder, name, AtFlags::empty()) } {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::ISDIR) => folders.push(name.into()),
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_twelve_hundred_nested_folders_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let top = home.path().join("top");
        std::fs::create_dir(&top).unwrap();
        let mut at: OwnedFd = std::fs::File::open(&top).unwrap().into();
        for _ in 0..1200 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).unwrap();
            drop(openat(&at, "f\n\u{1}", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap());
            at = open_folder(at.as_fd(), c"d").unwrap();
        }
        remove(&top).unwrap();
        assert!(!top.exists());
    }
}
