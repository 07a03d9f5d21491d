//! What came of a run, and of asking for one.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Stage;

/// How a finished run went. A program that fails is an outcome, not an error.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How the program itself ended.
    pub end: End,
    /// Which limit or order ended it, if one did.
    pub killed: Option<Cause>,
    /// Its tree came to 90 % of its memory: an error exit was probably want of memory.
    pub near_memory_limit: bool,
    /// What it wrote to its standard output.
    pub stdout: Captured,
    /// What it wrote to its standard error.
    pub stderr: Captured,
    /// What it used.
    pub usage: Usage,
    /// The tier that held it.
    pub tier: Tier,
}

impl Outcome {
    /// Exit code 0, and no limit ended it.
    pub fn success(&self) -> bool {
        self.end == End::Exited(0) && self.killed.is_none()
    }
}

/// How strong the cage is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Own user, mount, pid, network, ipc, uts and cgroup namespaces.
    Ns,
    /// Landlock domains and a narrower filter, where namespaces are forbidden.
    Landlock,
}

impl Tier {
    /// The word of reports and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ns => "ns",
            Self::Landlock => "landlock",
        }
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It never began: there is no such program, or it is not executable.
    NotExecuted {
        /// The answer of `execve`.
        errno: i32,
    },
}

/// What ended a run before its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It ran too long.
    WallTime,
    /// One of its processes computed too long.
    CpuTime,
    /// Its tree held too much memory.
    #[serde(rename = "memory_limit")]
    Memory,
    /// Its workspace took too many bytes.
    #[serde(rename = "disk_limit")]
    Disk,
    /// Its workspace has too many entries.
    #[serde(rename = "inode_limit")]
    Inodes,
    /// One file grew too big.
    #[serde(rename = "file_size_limit")]
    FileSize,
    /// It wrote too much to one output stream.
    #[serde(rename = "output_limit")]
    Output,
    /// Too many processes and threads.
    #[serde(rename = "process_limit")]
    Processes,
    /// Somebody wanted it to stop.
    Cancelled,
    /// The machine is short of space: not the program's fault, worth a retry.
    WorkerPressure,
}

impl Cause {
    /// The word that `run_code` answers with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WallTime => "wall_time",
            Self::CpuTime => "cpu_time",
            Self::Memory => "memory_limit",
            Self::Disk => "disk_limit",
            Self::Inodes => "inode_limit",
            Self::FileSize => "file_size_limit",
            Self::Output => "output_limit",
            Self::Processes => "process_limit",
            Self::Cancelled => "cancelled",
            Self::WorkerPressure => "worker_pressure",
        }
    }
}

/// The kept part of an output stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// From the beginning.
    pub head: Vec<u8>,
    /// Up to the end; follows `head` directly unless `truncated`.
    pub tail: Vec<u8>,
    /// All that was written.
    pub total_bytes: u64,
    /// Something between head and tail is missing.
    pub truncated: bool,
}

impl Captured {
    /// Text for people and models: invalid UTF-8 is replaced, a gap is named.
    pub fn text(&self) -> String {
        if !self.truncated {
            let whole = [self.head.as_slice(), self.tail.as_slice()].concat();
            return String::from_utf8_lossy(&whole).into_owned();
        }
        let kept = self.head.len() + self.tail.len();
        let missing = self.total_bytes.saturating_sub(u64::try_from(kept).unwrap_or(u64::MAX));
        format!(
            "{}\n[… {missing} bytes left out …]\n{}",
            String::from_utf8_lossy(&self.head),
            String::from_utf8_lossy(&self.tail)
        )
    }
}

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// From the start of the helper to the start of the program.
    pub setup_us: u64,
    /// From the start of the program to the end of its last process.
    pub wall_ms: u64,
    /// Of the whole tree, in the program.
    pub cpu_user_ms: u64,
    /// Of the whole tree, in the kernel.
    pub cpu_system_ms: u64,
    /// Highest resident memory of the tree that was seen; shared pages count per process.
    pub peak_tree_bytes: u64,
    /// Most processes and threads that were seen at once.
    pub peak_processes: u64,
    /// Bytes of the workspace at the end.
    pub disk_bytes: u64,
    /// Entries of the workspace at the end.
    pub inodes: u64,
}

/// No run came about, or its helper was lost. In all but `HelperLost` nothing untrusted ran.
#[derive(Debug, Error)]
pub enum RunError {
    /// This machine cannot hold a run.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A step of building the cage failed, so the program was not started.
    #[error("the sandbox could not be built: {stage} (errno {errno})")]
    Setup {
        /// The step.
        stage: Stage,
        /// What the kernel answered.
        errno: i32,
    },
    /// The helper vanished; the tree died with it. Worth a retry.
    #[error("the sandbox helper was lost in mid-run")]
    HelperLost,
    /// The spec is wrong.
    #[error("the run's specification is wrong: {0}")]
    Spec(String),
}

/// Why this machine runs no untrusted code: all reasons, not only the first.
#[derive(Clone, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
#[error("no code runs on this worker: {}", .reasons.iter().map(|r| format!("{}: {}", r.layer, r.why)).collect::<Vec<_>>().join("; "))]
pub struct Refused {
    /// Never empty.
    pub reasons: Vec<Reason>,
}

/// One missing layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which layer: `namespaces`, `seccomp`, `helper`, `mode`, ….
    pub layer: String,
    /// What was tried and what came back.
    pub why: String,
    /// What an operator can change.
    pub change: String,
}

impl Refused {
    pub(crate) fn one(layer: &str, why: impl Into<String>, change: impl Into<String>) -> Self {
        let reason = Reason { layer: layer.to_owned(), why: why.into(), change: change.into() };
        Self { reasons: vec![reason] }
    }
}
