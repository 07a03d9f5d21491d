//! The disk guard: counts what a workspace holds, again and again while a run writes to it.

use std::collections::HashSet;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, statat, statvfs};
use rustix::io::Errno;

use crate::patrol::{Patrol, Watching};
use crate::verdict::Verdict;
use crate::{Cause, DiskLimits, tree};

const SHORTEST_REST: Duration = Duration::from_millis(100);
const REST_PER_WALK: u32 = 10;
const LONGEST_REST: Duration = Duration::from_secs(2);
const BLOCK: u64 = 512;
/// A folder below this depth counts as too many entries: nobody could look into it cheaply, so it
/// must not be a place to hide in.
const DEEPEST: usize = 128;

/// What a workspace takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) bytes: u64,
    pub(crate) inodes: u64,
    too_deep: bool,
}

impl Taken {
    /// The limit that is passed, if one is.
    pub(crate) fn over(&self, limits: DiskLimits) -> Option<Cause> {
        if self.too_deep || self.inodes > limits.inodes {
            return Some(Cause::Inodes);
        }
        (self.bytes > limits.bytes).then_some(Cause::Disk)
    }
}

/// One run whose workspace is watched.
pub(crate) struct Filling {
    pub(crate) helper: i32,
    pub(crate) workspace: OwnedFd,
    pub(crate) limits: DiskLimits,
    pub(crate) verdict: Arc<Verdict>,
}

/// The thread `sandbox-disk`.
pub(crate) struct DiskGuard {
    patrol: Patrol<Filling>,
    root: PathBuf,
    floor: u64,
}

impl DiskGuard {
    pub(crate) fn start(root: PathBuf, floor: u64) -> io::Result<Self> {
        let at = root.clone();
        let patrol = Patrol::start("sandbox-disk", move |runs| round(runs, &at, floor))?;
        Ok(Self { patrol, root, floor })
    }

    pub(crate) fn watch(&self, run: Filling) -> Watching<Filling> {
        self.patrol.watch(Arc::new(run))
    }

    /// There is room for another run.
    pub(crate) fn has_room(&self) -> bool {
        free(&self.root).is_ok_and(|free| free >= self.floor)
    }
}

fn free(root: &PathBuf) -> io::Result<u64> {
    let state = statvfs(root)?;
    Ok(state.f_bavail * state.f_frsize)
}

fn round(runs: &[Arc<Filling>], root: &PathBuf, floor: u64) -> Duration {
    let began = Instant::now();
    let processes = tree::scan().unwrap_or_default();
    for run in runs {
        match measure(run, &tree::below(&processes, run.helper).pids) {
            Ok(taken) => {
                if let Some(cause) = taken.over(run.limits) {
                    run.verdict.give(cause);
                }
            }
            Err(error) => {
                tracing::error!(%error, "a workspace cannot be measured: ending its run");
                run.verdict.give(Cause::WorkerPressure);
            }
        }
    }
    // The youngest goes first: it has the least to lose.
    if free(root).is_ok_and(|free| free < floor)
        && let Some(youngest) = runs.last()
    {
        tracing::warn!(floor_bytes = floor, "little disk space is left: ending the youngest run");
        youngest.verdict.give(Cause::WorkerPressure);
    }
    (began.elapsed() * REST_PER_WALK).clamp(SHORTEST_REST, LONGEST_REST)
}

fn measure(run: &Filling, pids: &[i32]) -> io::Result<Taken> {
    let mut taken = walk(run.workspace.as_fd(), run.limits)?;
    let device = fstat(&run.workspace)?.st_dev;
    let mut seen = HashSet::new();
    for pid in pids {
        taken.bytes += unlinked(*pid, device, &mut seen);
    }
    Ok(taken)
}

/// Entries below `top`, up to the first limit that is passed.
pub(crate) fn walk(top: BorrowedFd<'_>, limits: DiskLimits) -> io::Result<Taken> {
    let mut taken = Taken::default();
    let mut open = vec![Dir::read_from(top)?];
    loop {
        let depth = open.len();
        let Some(folder) = open.last_mut() else { break };
        let Some(entry) = folder.next() else {
            open.pop();
            continue;
        };
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let at = folder.fd()?;
        // Gone since it was listed: the next walk sees where it went.
        let Ok(stat) = statat(at, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        taken.inodes += 1;
        taken.bytes += u64::try_from(stat.st_blocks).unwrap_or(0) * BLOCK;
        if taken.over(limits).is_some() {
            return Ok(taken);
        }
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            if depth >= DEEPEST {
                taken.too_deep = true;
                return Ok(taken);
            }
            match open_folder(at, name) {
                Ok(below) => open.push(Dir::new(below)?),
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
    Ok(taken)
}

/// Opens a folder that its owner may have locked against himself. The mode is changed through the
/// held descriptor, never by name: the name may mean something else by now.
pub(crate) fn open_folder(at: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    let folder = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(at, name, folder | OFlags::RDONLY, Mode::empty()) {
        Err(Errno::ACCESS) => {
            let held = openat(at, name, folder | OFlags::PATH, Mode::empty())?;
            let itself = format!("/proc/self/fd/{}", held.as_raw_fd());
            rustix::fs::chmod(&itself, Mode::RWXU)?;
            openat(at, name, folder | OFlags::RDONLY, Mode::empty())
        }
        answer => answer,
    }
}

/// Bytes of files that have no name any more but are still open.
fn unlinked(pid: i32, device: u64, seen: &mut HashSet<u64>) -> u64 {
    let Ok(open) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return 0 };
    let files = open.flatten().filter_map(|fd| std::fs::metadata(fd.path()).ok());
    files
        .filter(|file| file.is_file() && file.nlink() == 0 && file.dev() == device)
        .filter(|file| seen.insert(file.ino()))
        .map(|file| file.blocks() * BLOCK)
        .sum()
}
