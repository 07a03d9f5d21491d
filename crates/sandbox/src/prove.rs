//! The proof at start: by effect, never by reading settings. What does not hold is a reason.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ninja_config::{SandboxConfig, SandboxMode};
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;
use crate::slots::Slots;
use crate::victims::Victims;
use crate::wire::{AttackResult, READ_ONLY, READ_ONLY_OF_HOST};
use crate::{Limits, Refused, RunSpec, Sandbox, Tier, filter, layers, probe};

const HELPER: &str = "ninja-sandbox";

/// The machine as the kernel tells it. What it tells decides only what is tried, never what holds.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// 0 where the kernel has no Landlock, or it is switched off.
    pub(crate) landlock_abi: u8,
    pub(crate) kernel: String,
}

impl Machine {
    fn this() -> Self {
        let kernel = rustix::system::uname().release().to_string_lossy().into_owned();
        Self { landlock_abi: layers::landlock_abi(), kernel }
    }
}

pub(crate) fn prove(config: &SandboxConfig) -> Result<Sandbox, Refused> {
    prove_on(config, &Machine::this())
}

/// The first tier that holds, or the reasons of all that were asked for.
fn prove_on(config: &SandboxConfig, machine: &Machine) -> Result<Sandbox, Refused> {
    let mut reasons = Vec::new();
    for &tier in tiers(config.mode)? {
        match tier_holds(config, machine, tier) {
            Ok(sandbox) => return Ok(sandbox),
            Err(refused) => reasons.extend(refused.reasons),
        }
    }
    // What both tiers lack is said once.
    let mut said = Vec::new();
    reasons.retain(|reason| {
        !said.contains(reason) && {
            said.push(reason.clone());
            true
        }
    });
    Err(Refused { reasons })
}

fn tier_holds(config: &SandboxConfig, machine: &Machine, tier: Tier) -> Result<Sandbox, Refused> {
    if tier == Tier::Landlock {
        layers::landlock_suffices(machine)?;
    }
    let parts = parts(config, tier)?;
    // A thread of its own: the caller may be inside a runtime, which cannot hold another one.
    let proven = thread::scope(|scope| scope.spawn(|| in_runtime(&parts, machine)).join());
    let (attacks, (installed, unusable)) = proven
        .map_err(|_panic| Refused::one("proof", "it panicked", "read the log of the worker"))??;
    let escaped: Vec<&AttackResult> = attacks.iter().filter(|attack| !attack.held).collect();
    if attacks.is_empty() || !escaped.is_empty() {
        let names = escaped.iter().map(|attack| format!("{} ({})", attack.name, attack.answer));
        let why = format!("these attacks succeeded: {}", names.collect::<Vec<_>>().join(", "));
        return Err(Refused::one("self_attack", why, "report this with the kernel's version"));
    }
    let mut report = layers::report(&parts, machine, attacks);
    report.unusable = unusable;
    Ok(Sandbox { parts, report, installed })
}

/// A tier that is named is the only one that is tried.
fn tiers(mode: SandboxMode) -> Result<&'static [Tier], Refused> {
    match mode {
        SandboxMode::Auto => Ok(&[Tier::Ns, Tier::Landlock]),
        SandboxMode::Ns => Ok(&[Tier::Ns]),
        SandboxMode::Landlock => Ok(&[Tier::Landlock]),
        SandboxMode::Off => Err(Refused::one(
            "mode",
            "it is switched off",
            "set NINJA_SANDBOX__MODE to auto to run programs",
        )),
    }
}

fn parts(config: &SandboxConfig, tier: Tier) -> Result<Parts, Refused> {
    let helper = helper(config.helper.as_deref())?;
    let filters = filter::build(tier).map_err(|error| {
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
    if READ_ONLY.iter().chain(&READ_ONLY_OF_HOST).any(|allowed| slots.root().starts_with(allowed)) {
        return Err(why(io::Error::other("every run may read that folder")));
    }
    slots.sweep().map_err(why)?;
    Parts::make(config, helper, slots, (tier, filters)).map_err(|error| {
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

fn in_runtime(parts: &Parts, machine: &Machine) -> Result<Proven, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Refused::one("proof", error.to_string(), ""))?;
    runtime.block_on(async {
        let attacks = attack(parts, machine).await?;
        Ok((attacks, probe::all(parts).await))
    })
}

/// One run whose program is the attacker that is built into the helper.
async fn attack(parts: &Parts, machine: &Machine) -> Result<Vec<AttackResult>, Refused> {
    let proof = |why: String| Refused::one("proof", why, "read the log of the worker");
    let victims = Victims::stand_by(&parts.slots, machine.landlock_abi)
        .map_err(|error| proof(error.to_string()))?;
    let limits = Limits::from(&parts.limits.run);
    let workspace =
        Arc::new(parts.workspace(limits.disk).await.map_err(|error| layers::missing(&error))?);
    let spec = RunSpec::new(workspace, ["attack"], limits);
    let mut order = parts.order(&spec).map_err(proof)?;
    order.attack = Some(victims.attack.clone());
    let outcome = parts.carry_out(&spec, &order, &CancellationToken::new(), None).await;
    let outcome = outcome.map_err(|error| layers::missing(&error))?;
    let said = outcome.stdout.text();
    let mut results: Vec<AttackResult> = serde_json::from_str(&said).map_err(|_unfinished| {
        proof(format!("the self-attack ended as {:?} {:?}", outcome.end, outcome.killed))
    })?;
    results.extend(victims.look());
    Ok(results)
}

#[cfg(test)]
mod tests;
