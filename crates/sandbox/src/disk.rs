//! The disk guard: counts what a workspace holds, again and again while a run writes to it.

use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, statat, statvfs};
use rustix::io::Errno;

use crate::patrol::{Patrol, Watching};
use crate::verdict::Verdict;
use crate::{Cause, DiskLimits, tree};

const SHORTEST_REST: Duration = Duration::from_millis(100);
const REST_PER_WALK: u32 = 10;
const LONGEST_REST: Duration = Duration::from_secs(2);
const UNSEEN_MOST: Duration = Duration::from_secs(1);
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
    unseen: bool,
}

impl Taken {
    /// The limit that is passed, if one is.
    pub(crate) fn over(&self, limits: DiskLimits) -> Option<Cause> {
        if self.too_deep || self.inodes > limits.inodes {
            return Some(Cause::Inodes);
        }
        (self.unseen || self.bytes > limits.bytes).then_some(Cause::Disk)
    }
}

/// One run whose workspace is watched.
pub(crate) struct Filling {
    pub(crate) helper: i32,
    pub(crate) folders: [OwnedFd; 2],
    pub(crate) limits: DiskLimits,
    pub(crate) verdict: Arc<Verdict>,
    /// The program runs. Before that its process is the sandbox's, and closed to everybody.
    pub(crate) started: Arc<AtomicBool>,
    /// Processes whose open files cannot be seen, and since when.
    pub(crate) unseen: Mutex<HashMap<i32, Instant>>,
}

impl Filling {
    /// A program that its own user may not read is closed to a worker of that user. What it holds could
    /// be anything, so it is not let go on; but a look may meet the moment of an exec.
    fn long_unseen(&self, now: &[i32]) -> bool {
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.retain(|pid, _| now.contains(pid));
        for &pid in now {
            unseen.entry(pid).or_insert_with(Instant::now);
        }
        unseen.values().any(|since| since.elapsed() > UNSEEN_MOST)
    }
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
    let [workspace, tmp] = &run.folders;
    let mut taken = walk([workspace.as_fd(), tmp.as_fd()], run.limits)?;
    let device = fstat(workspace)?.st_dev;
    let (mut seen, mut unseen) = (HashSet::new(), Vec::new());
    for &pid in pids {
        match unlinked(pid, device, &mut seen) {
            Some(bytes) => taken.bytes += bytes,
            None => unseen.push(pid),
        }
    }
    taken.unseen = run.started.load(Relaxed) && run.long_unseen(&unseen);
    Ok(taken)
}

/// Entries below the folders, up to the first limit that is passed.
pub(crate) fn walk(folders: [BorrowedFd<'_>; 2], limits: DiskLimits) -> io::Result<Taken> {
    let mut taken = Taken::default();
    for top in folders {
        below(top, limits, &mut taken)?;
    }
    Ok(taken)
}

fn below(top: BorrowedFd<'_>, limits: DiskLimits, taken: &mut Taken) -> io::Result<()> {
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
            return Ok(());
        }
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            if depth >= DEEPEST {
                taken.too_deep = true;
                return Ok(());
            }
            match open_folder(at, name) {
                Ok(below) => open.push(Dir::new(below)?),
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
    Ok(())
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

/// Bytes of files that have no name any more but are still open, or `None` if they cannot be seen.
fn unlinked(pid: i32, device: u64, seen: &mut HashSet<u64>) -> Option<u64> {
    let open = match std::fs::read_dir(format!("/proc/{pid}/fd")) {
        Ok(open) => open,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return None,
        Err(_ended) => return Some(0),
    };
    let files = open.flatten().filter_map(|fd| std::fs::metadata(fd.path()).ok());
    let held = files
        .filter(|file| file.is_file() && file.nlink() == 0 && file.dev() == device)
        .filter(|file| seen.insert(file.ino()));
    Some(held.map(|file| file.blocks() * BLOCK).sum())
}
