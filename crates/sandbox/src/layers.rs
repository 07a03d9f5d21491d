//! The layers of the cage: how each stands on this machine, and which one a failed step means.

use std::io;

use crate::parts::Parts;
use crate::report::PublishedLimits;
use crate::wire::{AttackResult, Stage};
use crate::{Layer, LayerState, Limits, Reason, Refused, Report, RunError, Tier};

/// The layer that a failed step stands for, and what would help.
pub(crate) fn missing(error: &RunError) -> Refused {
    let RunError::Setup { stage, errno } = *error else {
        return Refused::one("proof", error.to_string(), "read the log of the worker");
    };
    let (layer, change) = match stage {
        Stage::Namespaces | Stage::Mapping => (
            "namespaces",
            "allow unprivileged user namespaces (kernel.unprivileged_userns_clone=1, \
             kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces > 0); in a \
             container also a seccomp profile that allows unshare and mount",
        ),
        Stage::View | Stage::Pivot => (
            "file_view",
            "the folder of NINJA_SANDBOX__ROOT must be passable for all users, and the kernel 5.12 \
             or newer",
        ),
        Stage::Proc => ("proc", "the container must not mask /proc (procMount: Unmasked)"),
        Stage::Filter => ("seccomp", "the kernel needs CONFIG_SECCOMP_FILTER"),
        Stage::Spawn => ("helper", "the helper must be executable for the worker"),
        Stage::Frame => ("helper", "worker and helper must be of the same release"),
        _ => ("sandbox", "read docs/sandbox.md"),
    };
    let why = format!("{stage} failed: {}", io::Error::from_raw_os_error(errno));
    Refused { reasons: vec![Reason { layer: layer.to_owned(), why, change: change.to_owned() }] }
}

/// All layers of a sandbox whose self-attack got nowhere.
pub(crate) fn report(parts: &Parts, attacks: Vec<AttackResult>) -> Report {
    let landlock_abi = landlock_abi();
    let root = rustix::process::geteuid().is_root();
    let layer = |name: &str, state, reason: &str| Layer {
        name: name.to_owned(),
        state,
        reason: reason.to_owned(),
    };
    let enforced = LayerState::Enforced;
    let landlock = match landlock_abi {
        0 => layer("landlock", LayerState::NotUsed, "the kernel has none"),
        1..6 => layer("landlock", LayerState::Degraded, "the kernel's ABI is below 6"),
        _ => layer("landlock", enforced, "seen at work by the self-attack"),
    };
    let identity = if root {
        layer("own_uid", enforced, "each slot has its own user")
    } else {
        layer("own_uid", LayerState::Degraded, "the worker is not root: runs share its user")
    };
    let layers = vec![
        layer("namespaces", enforced, "proven by the self-attack"),
        layer("seccomp", enforced, "proven by the self-attack"),
        layer("rlimits", enforced, "set on every run"),
        layer("guards", enforced, "memory, processes, disk, output, wall clock"),
        landlock,
        identity,
        layer("cgroup", LayerState::NotUsed, "cgroup v2 is not used in this release"),
    ];
    let degraded = layers.iter().filter(|layer| layer.state == LayerState::Degraded);
    Report {
        tier: Tier::Ns,
        landlock_abi,
        cgroup: false,
        kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
        attacks,
        degraded: degraded.map(|layer| format!("{}: {}", layer.name, layer.reason)).collect(),
        leaks: vec!["/proc/self/mountinfo names the host's folder of the workspace".to_owned()],
        unusable: Vec::new(),
        limits: PublishedLimits {
            run: Limits::from(&parts.limits.run),
            compile: Limits::from(&parts.limits.compile),
            most: Limits::from(&parts.limits.most),
        },
        layers,
    }
}

/// 0 where the kernel has no Landlock, or it is switched off.
pub(crate) fn landlock_abi() -> u8 {
    const VERSION: libc::c_uint = 1;
    // SAFETY: a null ruleset of size 0 with this flag asks for the version and touches no memory.
    let abi = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0, VERSION)
    };
    u8::try_from(abi).unwrap_or(0)
}
