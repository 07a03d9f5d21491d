//! The layers of the cage: how each stands on this machine, and which one a failed step means.

use std::io;

use crate::parts::Parts;
use crate::prove::Machine;
use crate::report::PublishedLimits;
use crate::wire::{AttackResult, Stage};
use crate::{Layer, LayerState, Limits, Reason, Refused, Report, RunError, Tier};

/// The least that the landlock tier stands on: with it came the scopes of signals and sockets.
const LANDLOCK_LEAST: u8 = 6;

/// Refuses a kernel whose Landlock is not enough without namespaces.
pub(crate) fn landlock_suffices(machine: &Machine) -> Result<(), Refused> {
    let Machine { landlock_abi, kernel } = machine;
    let why = match *landlock_abi {
        0 => format!("the landlock tier needs Landlock; kernel {kernel} has none"),
        abi if abi < LANDLOCK_LEAST => format!(
            "the landlock tier needs Landlock ABI {LANDLOCK_LEAST}; kernel {kernel} has ABI {abi}"
        ),
        _ => return Ok(()),
    };
    let change = "run the worker on Linux 6.12 or newer with Landlock switched on \
                  (CONFIG_SECURITY_LANDLOCK, `landlock` in the boot option lsm=), or allow namespaces";
    Err(Refused::one("landlock", why, change))
}

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
        Stage::Landlock => {
            ("landlock", "the kernel must be Linux 6.12 or newer with Landlock switched on")
        }
        Stage::Filter => ("seccomp", "the kernel needs CONFIG_SECCOMP_FILTER"),
        Stage::Spawn => ("helper", "the helper must be executable for the worker"),
        Stage::Frame => ("helper", "worker and helper must be of the same release"),
        _ => ("sandbox", "read docs/sandbox.md"),
    };
    let why = format!("{stage} failed: {}", io::Error::from_raw_os_error(errno));
    Refused { reasons: vec![Reason { layer: layer.to_owned(), why, change: change.to_owned() }] }
}

/// All layers of a sandbox whose self-attack got nowhere.
pub(crate) fn report(parts: &Parts, machine: &Machine, attacks: Vec<AttackResult>) -> Report {
    let landlock_abi = machine.landlock_abi;
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
    let namespaces = match parts.tier {
        Tier::Ns => layer("namespaces", enforced, "proven by the self-attack"),
        Tier::Landlock => layer("namespaces", LayerState::NotUsed, "the landlock tier has none"),
    };
    let layers = vec![
        namespaces,
        layer("seccomp", enforced, "proven by the self-attack"),
        layer("rlimits", enforced, "set on every run"),
        layer("guards", enforced, "memory, processes, disk, output, wall clock"),
        landlock,
        identity,
        layer("cgroup", LayerState::NotUsed, "cgroup v2 is not used in this release"),
    ];
    let degraded = layers.iter().filter(|layer| layer.state == LayerState::Degraded);
    Report {
        tier: parts.tier,
        landlock_abi,
        cgroup: false,
        kernel: machine.kernel.clone(),
        attacks,
        degraded: degraded.map(|layer| format!("{}: {}", layer.name, layer.reason)).collect(),
        leaks: leaks(parts.tier, root),
        unusable: Vec::new(),
        limits: PublishedLimits {
            run: Limits::from(&parts.limits.run),
            compile: Limits::from(&parts.limits.compile),
            most: Limits::from(&parts.limits.most),
        },
        layers,
    }
}

/// What a run can see or do and should not, by the nature of its tier.
fn leaks(tier: Tier, own_uid: bool) -> Vec<String> {
    let mut leaks = vec!["/proc/self/mountinfo names the host's folders"];
    if tier == Tier::Landlock {
        leaks.extend([
            "process list and command lines of the host, by /proc",
            "how many files processes of the run's user have open, if they do not close themselves",
            "addresses and connections of the host, by /proc/net",
            "existence, size, owner and times of the host's files, by stat",
        ]);
        if !own_uid {
            // No rule of Landlock is about it, and compilers must change modes by path.
            leaks.push(
                "mode, times and user attributes of files of the worker's user can be changed, their \
                 contents not",
            );
        }
    }
    leaks.into_iter().map(str::to_owned).collect()
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
