//! What worker and helper say to each other: one frame on the helper's standard input, status lines
//! on its descriptor 3. Both halves are of one build; another version is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Tier;

/// First bytes of a frame.
pub const MAGIC: &[u8; 4] = b"NSB1";
/// Both halves must say the same.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The biggest order that is read.
pub const ORDER_MOST: usize = 256 * 1024;
/// The biggest filter that is read; the kernel takes 4,096 instructions of 8 bytes.
pub const FILTER_MOST: usize = 32 * 1024;
/// The helper's own descriptor for status lines.
pub const STATUS_FD: i32 = 3;
/// Exit code of a helper that could not build the cage.
pub const EXIT_FAILED: u8 = 125;

/// What every run may read and execute; absent ones are skipped.
pub const READ_ONLY: [&str; 10] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/localtime",
];

/// What a run of the landlock tier may read beside that: there it sees the host's own files.
pub const READ_ONLY_OF_HOST: [&str; 8] = [
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

/// What the helper shall do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Which cage.
    pub tier: Tier,
    /// Pid of the worker: a helper whose parent is another one ends at once.
    pub parent: i32,
    /// The slot's uid and gid; `None` keeps the worker's own.
    pub uid: Option<u32>,
    /// The folder of the host that the program may write to; in the ns tier it becomes `/workspace`.
    pub workspace: String,
    /// Its folder for temporary files in the landlock tier, which has no `/tmp` of its own.
    pub tmp: String,
    /// Start folder, relative to it.
    pub dir: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The complete environment.
    pub env: BTreeMap<String, String>,
    /// Read-only paths of the language.
    pub extra_paths: Vec<String>,
    /// What the kernel and the helper itself enforce.
    pub limits: Rlimits,
    /// Instead of a program: the attacks of the start-up proof.
    pub attack: Option<Attack>,
}

/// The limits that the helper sets.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rlimits {
    /// The helper's own timer, behind the worker's.
    pub wall_ms: u64,
    /// `RLIMIT_CPU`.
    pub cpu_s: u64,
    /// `RLIMIT_DATA`.
    pub data_bytes: u64,
    /// `RLIMIT_NPROC`.
    pub processes: u64,
    /// `RLIMIT_FSIZE`.
    pub file_bytes: u64,
    /// Size of `/tmp`.
    pub tmp_bytes: u64,
}

/// Victims that the worker sets up for the self-attack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attack {
    /// Pid of the worker.
    pub pid: i32,
    /// A readable folder outside, with `canary` and the listening socket `canary.sock` in it.
    pub folder: String,
    /// A TCP listener on 127.0.0.1.
    pub tcp_port: u16,
    /// A UDP socket on 127.0.0.1.
    pub udp_port: u16,
    /// A listening abstract unix socket.
    pub abstract_name: String,
    /// What the kernel says it has; the attacker looks whether it does.
    pub landlock_abi: u8,
}

/// One attack of the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttackResult {
    /// What was tried.
    pub name: String,
    /// The cage held.
    pub held: bool,
    /// What the kernel answered.
    pub answer: String,
}

/// A line of the helper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The program runs.
    Started {
        /// Since the helper's first instruction.
        setup_us: u64,
    },
    /// The cage could not be built; nothing untrusted ran.
    Failed {
        /// Where.
        stage: Stage,
        /// Why.
        errno: i32,
    },
    /// The cage stood, but the program cannot be executed.
    NotExecuted {
        /// Why.
        errno: i32,
    },
    /// The program exited.
    Exited {
        /// Its code.
        code: i32,
    },
    /// The program died by a signal.
    Signalled {
        /// Which.
        signal: i32,
    },
    /// The whole tree is gone. Always the last line.
    Ended {
        /// Of the tree.
        cpu_user_ms: u64,
        /// Of the tree.
        cpu_system_ms: u64,
        /// Resident memory of its biggest process.
        max_rss_bytes: u64,
    },
}

/// The steps of building the cage, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The helper could not be started.
    Spawn,
    /// The frame was not understood.
    Frame,
    /// Session, umask, OOM score, uid of the slot.
    Identity,
    /// The worker is gone.
    Parent,
    /// `unshare` of the seven namespaces.
    Namespaces,
    /// The uid and gid maps.
    Mapping,
    /// Forking the first process of the run.
    Fork,
    /// The new root and what is bound into it.
    View,
    /// A fresh `/proc`.
    Proc,
    /// Leaving the old root behind.
    Pivot,
    /// Host name and loopback.
    Network,
    /// Giving up capabilities.
    Privileges,
    /// The start folder inside the workspace.
    Folder,
    /// A Landlock domain.
    Landlock,
    /// The seccomp filters.
    Filter,
    /// Resource limits.
    Limits,
    /// Signals back to their defaults.
    Signals,
    /// The program did not start in time.
    Start,
}

impl Stage {
    /// The step in plain words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spawn => "starting the helper",
            Self::Frame => "reading the order",
            Self::Identity => "taking the slot's identity",
            Self::Parent => "checking the worker",
            Self::Namespaces => "making the namespaces",
            Self::Mapping => "mapping the user",
            Self::Fork => "forking",
            Self::View => "building the file view",
            Self::Proc => "mounting /proc",
            Self::Pivot => "changing the root",
            Self::Network => "setting up host name and loopback",
            Self::Privileges => "dropping privileges",
            Self::Folder => "entering the start folder",
            Self::Landlock => "entering the Landlock domain",
            Self::Filter => "loading the seccomp filters",
            Self::Limits => "setting resource limits",
            Self::Signals => "resetting signals",
            Self::Start => "starting the program in time",
        }
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The frame up to the program's standard input: magic, version, order, two filters.
pub fn encode(order: &Order, filters: &[Vec<u8>; 2]) -> Result<Vec<u8>, serde_json::Error> {
    let order = serde_json::to_vec(order)?;
    let mut frame = MAGIC.to_vec();
    for part in [VERSION.as_bytes(), &order, &filters[0], &filters[1]] {
        frame.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        frame.extend_from_slice(part);
    }
    Ok(frame)
}
