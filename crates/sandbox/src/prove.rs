//! The proof at start: by effect, never by reading settings. What does not hold is a reason.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ninja_config::{SandboxConfig, SandboxMode};
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;
use crate::report::PublishedLimits;
use crate::slots::Slots;
use crate::victims::Victims;
use crate::wire::{AttackResult, Stage};
use crate::{
    Layer, LayerState, Limits, Reason, Refused, Report, RunError, RunSpec, Sandbox, Tier, filter,
    order, probe,
};

const HELPER: &str = "ninja-sandbox";

pub(crate) fn prove(config: &SandboxConfig) -> Result<Sandbox, Refused> {
    allowed(config.mode)?;
    let parts = parts(config)?;
    // A thread of its own: the caller may be inside a runtime, which cannot hold another one.
    let proven = thread::scope(|scope| scope.spawn(|| in_runtime(&parts)).join());
    let (attacks, (installed, unusable)) = proven
        .map_err(|_panic| Refused::one("proof", "it panicked", "read the log of the worker"))??;
    let escaped: Vec<&AttackResult> = attacks.iter().filter(|attack| !attack.held).collect();
    if attacks.is_empty() || !escaped.is_empty() {
        let names = escaped.iter().map(|attack| format!("{} ({})", attack.name, attack.answer));
        let why = format!("these attacks succeeded: {}", names.collect::<Vec<_>>().join(", "));
        return Err(Refused::one("self_attack", why, "report this with the kernel's version"));
    }
    let mut report = report(&parts, attacks);
    report.unusable = unusable;
    Ok(Sandbox { parts, report, installed })
}

fn allowed(mode: SandboxMode) -> Result<(), Refused> {
    match mode {
        SandboxMode::Auto | SandboxMode::Ns => Ok(()),
        SandboxMode::Landlock => Err(Refused::one(
            "mode",
            "the landlock tier is not built in this release",
            "set NINJA_SANDBOX__MODE to auto or ns",
        )),
        SandboxMode::Off => Err(Refused::one(
            "mode",
            "it is switched off",
            "set NINJA_SANDBOX__MODE to auto to run programs",
        )),
    }
}

fn parts(config: &SandboxConfig) -> Result<Parts, Refused> {
    let helper = helper(config.helper.as_deref())?;
    let filters = filter::build().map_err(|error| {
        Refused::one("seccomp", error.to_string(), "use a machine with x86-64 or arm64")
    })?;
    let root = rustix::process::geteuid().is_root();
    let standard = if root { "/var/lib/ninja/runs" } else { ".ninja/runs" };
    let path = config.root.as_deref().unwrap_or(Path::new(standard));
    let why = |error: io::Error| {
        let why = format!("{} cannot be used: {error}", path.display());
        Refused::one("root", why, "set NINJA_SANDBOX__ROOT to a folder that the worker can write")
    };
    let slots = Slots::open(path, root.then_some(config.slot_uid_base)).map_err(why)?;
    slots.sweep().map_err(why)?;
    Parts::make(config, helper, slots, filters).map_err(|error| {
        Refused::one("guards", error.to_string(), "the worker must be able to read /proc")
    })
}

/// As configured, or beside this program, or one folder up: tests run from a folder below it.
fn helper(configured: Option<&Path>) -> Result<PathBuf, Refused> {
    let change = "set NINJA_SANDBOX__HELPER to the program ninja-sandbox of the same release";
    let candidates = if let Some(path) = configured {
        vec![path.to_owned()]
    } else {
        let me = std::env::current_exe()
            .map_err(|error| Refused::one("helper", error.to_string(), change))?;
        me.ancestors().skip(1).take(2).map(|folder| folder.join(HELPER)).collect()
    };
    let found = candidates.iter().find(|path| path.is_file()).and_then(|p| p.canonicalize().ok());
    found.ok_or_else(|| {
        let places = candidates.iter().map(|path| path.display().to_string());
        let why = format!("there is no {}", places.collect::<Vec<_>>().join(" and no "));
        Refused::one("helper", why, change)
    })
}

type Proven = (Vec<AttackResult>, (Vec<crate::Installed>, Vec<crate::UnusableLanguage>));

fn in_runtime(parts: &Parts) -> Result<Proven, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Refused::one("proof", error.to_string(), ""))?;
    runtime.block_on(async {
        let attacks = attack(parts).await?;
        Ok((attacks, probe::all(parts).await))
    })
}

/// One run whose program is the attacker that is built into the helper.
async fn attack(parts: &Parts) -> Result<Vec<AttackResult>, Refused> {
    let proof = |why: String| Refused::one("proof", why, "read the log of the worker");
    let victims = Victims::stand_by(&parts.slots).map_err(|error| proof(error.to_string()))?;
    let limits = Limits::from(&parts.limits.run);
    let workspace = Arc::new(parts.workspace(limits.disk).await.map_err(|error| missing(&error))?);
    let spec = RunSpec::new(workspace, ["attack"], limits);
    let mut order = order::of(&spec, &Limits::from(&parts.limits.most)).map_err(proof)?;
    order.attack = Some(victims.attack.clone());
    let outcome = parts.carry_out(&spec, &order, &CancellationToken::new(), None).await;
    let outcome = outcome.map_err(|error| missing(&error))?;
    let said = outcome.stdout.text();
    let mut results: Vec<AttackResult> = serde_json::from_str(&said).map_err(|_unfinished| {
        proof(format!("the self-attack ended as {:?} {:?}", outcome.end, outcome.killed))
    })?;
    results.extend(victims.look());
    victims.dismiss().map_err(|error| proof(error.to_string()))?;
    Ok(results)
}

/// The layer that a failed step stands for, and what would help.
fn missing(error: &RunError) -> Refused {
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

fn report(parts: &Parts, attacks: Vec<AttackResult>) -> Report {
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
        _ => layer("landlock", enforced, "files, signals and abstract sockets"),
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
        leaks: Vec::new(),
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
fn landlock_abi() -> u8 {
    const VERSION: libc::c_uint = 1;
    // SAFETY: a null ruleset of size 0 with this flag asks for the version and touches no memory.
    let abi = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0, VERSION)
    };
    u8::try_from(abi).unwrap_or(0)
}
