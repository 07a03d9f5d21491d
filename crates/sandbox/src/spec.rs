//! What is asked of a run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Workspace;

/// One program to run. `argv[0]` without a slash is looked up in `PATH` of the run.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// Program and arguments. Must be UTF-8: they travel as JSON.
    pub argv: Vec<OsString>,
    /// Laid over the run's own environment; nothing of the worker's environment is ever passed.
    pub env: BTreeMap<String, String>,
    /// At most 1 MiB; the program sees the end of file behind it.
    pub stdin: Vec<u8>,
    /// The folder that the program may write to.
    pub workspace: Arc<Workspace>,
    /// Where in the workspace it starts.
    pub dir: RelPath,
    /// Id of a registered language: adds its environment and read-only paths.
    pub language: Option<String>,
    /// What the run may use.
    pub limits: Limits,
}

impl RunSpec {
    /// A run of `argv` in the top of `workspace` with the limits of a run, nothing else.
    pub fn new<A: Into<OsString>>(
        workspace: Arc<Workspace>,
        argv: impl IntoIterator<Item = A>,
        limits: Limits,
    ) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            stdin: Vec::new(),
            workspace,
            dir: RelPath::top(),
            language: None,
            limits,
        }
    }
}

/// Bytes and entries that a workspace may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskLimits {
    /// Allocated blocks, not apparent sizes: a sparse file costs what it takes.
    pub bytes: u64,
    /// Files, folders, links and everything else that has a name.
    pub inodes: u64,
}

/// What one run may use. Passing one ends it with the [`Cause`](crate::Cause) of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// From the moment the program starts; waiting for a permit does not count.
    pub wall_ms: u64,
    /// CPU seconds of each process, all its threads together.
    pub cpu_s: u64,
    /// Resident memory of the whole tree; also the data segment of each process.
    pub memory_bytes: u64,
    /// Processes and threads of the tree.
    pub processes: u64,
    /// The biggest single file.
    pub file_bytes: u64,
    /// The workspace as a whole. The workspace's own limit holds too.
    pub disk: DiskLimits,
    /// Size of the run's own `/tmp`, which lives in memory.
    pub tmp_bytes: u64,
    /// Kept of each output stream: the first half and the last half.
    pub output_kept_bytes: u64,
    /// More than this on one stream ends the run.
    pub output_hard_bytes: u64,
}

impl Limits {
    /// The first limit that is zero or above `most`, as a sentence.
    pub(crate) fn fault(&self, most: &Self) -> Option<String> {
        let pairs = [
            ("wall_ms", self.wall_ms, most.wall_ms),
            ("cpu_s", self.cpu_s, most.cpu_s),
            ("memory_bytes", self.memory_bytes, most.memory_bytes),
            ("processes", self.processes, most.processes),
            ("file_bytes", self.file_bytes, most.file_bytes),
            ("disk.bytes", self.disk.bytes, most.disk.bytes),
            ("disk.inodes", self.disk.inodes, most.disk.inodes),
            ("tmp_bytes", self.tmp_bytes, most.tmp_bytes),
            ("output_kept_bytes", self.output_kept_bytes, most.output_kept_bytes),
            ("output_hard_bytes", self.output_hard_bytes, most.output_hard_bytes),
        ];
        pairs
            .into_iter()
            .find(|(_, asked, most)| *asked == 0 || asked > most)
            .map(|(name, asked, most)| format!("limit {name} is {asked}; it must be 1 to {most}"))
    }
}

/// A path inside a workspace: relative, no `..`, no empty or `.` part, no control character. The
/// top itself is the empty path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(String);

/// Why a text is no [`RelPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PathFault {
    /// It starts with `/`.
    #[error("a path in the workspace is relative")]
    Absolute,
    /// It holds `..`, `.` or nothing between two slashes.
    #[error("a path in the workspace has no empty part, no `.` and no `..`")]
    BadPart,
    /// It holds a NUL, a newline or another control character.
    #[error("a path in the workspace has no control characters")]
    Control,
    /// More than 1,024 bytes, a part over 255, or more than 16 folders deep.
    #[error("a path in the workspace has at most 1,024 bytes, 255 a part, 16 parts")]
    TooLong,
}

impl RelPath {
    const MOST_PARTS: usize = 16;

    /// The workspace itself.
    pub const fn top() -> Self {
        Self(String::new())
    }

    /// Checks `text`; `""` and `"."` are the top.
    pub fn new(text: impl Into<String>) -> Result<Self, PathFault> {
        let text = text.into();
        if text.is_empty() || text == "." {
            return Ok(Self::top());
        }
        if text.starts_with('/') {
            return Err(PathFault::Absolute);
        }
        if text.chars().any(char::is_control) {
            return Err(PathFault::Control);
        }
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(PathFault::BadPart);
        }
        let parts = text.split('/').count();
        if text.len() > 1024 || parts > Self::MOST_PARTS || text.split('/').any(|p| p.len() > 255) {
            return Err(PathFault::TooLong);
        }
        Ok(Self(text))
    }

    /// The checked text; empty for the top.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Folder and file name; `None` for the top, which is no file.
    pub(crate) fn split(&self) -> Option<(&str, &str)> {
        if self.0.is_empty() {
            return None;
        }
        Some(self.0.rsplit_once('/').unwrap_or(("", &self.0)))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl std::str::FromStr for RelPath {
    type Err = PathFault;
    fn from_str(text: &str) -> Result<Self, PathFault> {
        Self::new(text)
    }
}

impl From<&ninja_config::RunLimits> for Limits {
    fn from(limits: &ninja_config::RunLimits) -> Self {
        Self {
            wall_ms: limits.wall_ms,
            cpu_s: limits.cpu_s,
            memory_bytes: limits.memory_bytes,
            processes: limits.processes.into(),
            file_bytes: limits.file_bytes,
            disk: DiskLimits { bytes: limits.disk_bytes, inodes: limits.inodes },
            tmp_bytes: limits.tmp_bytes,
            output_kept_bytes: limits.output_kept_bytes,
            output_hard_bytes: limits.output_cap_bytes,
        }
    }
}
