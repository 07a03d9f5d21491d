//! The Landlock domains: in the ns tier a second lock on the same doors, used as far as the kernel
//! has it; in the landlock tier two nested ones that must hold in full.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope, path_beneath_rules,
};
use ninja_sandbox::Stage;
use ninja_sandbox::wire::{Order, READ_ONLY, READ_ONLY_OF_HOST};

use crate::failure::Failure;
use crate::view::DEVICES;

/// Newest set of rights that this code knows; an older kernel enforces its part of them in the ns
/// tier.
const NEWEST: ABI = ABI::V7;
/// What the landlock tier cannot do without: the scopes of signals and abstract sockets came last.
const NEEDED: ABI = ABI::V6;

/// Inside the namespaces.
pub(crate) fn restrict(extra_paths: &[String]) -> Result<(), Failure> {
    let rules = second_lock(extra_paths).and_then(RulesetCreated::restrict_self);
    rules.map(drop).map_err(|_refused| refused())
}

fn second_lock(extra_paths: &[String]) -> Result<RulesetCreated, RulesetError> {
    let read = AccessFs::from_read(NEWEST);
    let readable = READ_ONLY.iter().copied().chain(extra_paths.iter().map(String::as_str));
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(readable.chain(["/etc", "/proc", "/dev"]), read))?
        .add_rules(path_beneath_rules(["/workspace", "/tmp", "/dev/shm"], writing(NEWEST)))?
        .add_rules(path_beneath_rules(DEVICES, AccessFs::ReadFile | AccessFs::WriteFile))
}

/// D1 of the landlock tier, around M: nobody outside it can be signalled from within, so M may kill
/// everybody whom it can.
pub(crate) fn around_tree() -> Result<(), Failure> {
    let scopes = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .scope(Scope::from_all(NEEDED))?
            .create()?
            .restrict_self()
    };
    in_full(scopes())
}

/// D2, around the program and inside D1: its files, no network, and no signal to M.
pub(crate) fn around_program(order: &Order) -> Result<(), Failure> {
    let folder = |path: &String| PathFd::new(path).map_err(|_absent| refused());
    let folders = [folder(&order.workspace)?, folder(&order.tmp)?];
    in_full(only_lock(order, folders).and_then(RulesetCreated::restrict_self))
}

fn only_lock(order: &Order, folders: [PathFd; 2]) -> Result<RulesetCreated, RulesetError> {
    let read = AccessFs::from_read(NEEDED);
    let extra = order.extra_paths.iter().map(String::as_str);
    let readable = READ_ONLY.iter().chain(&READ_ONLY_OF_HOST).copied().chain(extra);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(NEEDED))?
        .handle_access(AccessNet::from_all(NEEDED))?
        .scope(Scope::from_all(NEEDED))?
        .create()?
        .add_rules(path_beneath_rules(readable, read))?
        .add_rules(path_beneath_rules(DEVICES, AccessFs::ReadFile | AccessFs::WriteFile))?;
    for folder in folders {
        rules = rules.add_rule(PathBeneath::new(folder, writing(NEEDED)))?;
    }
    Ok(rules)
}

/// All but devices: neither made nor controlled.
fn writing(abi: ABI) -> BitFlags<AccessFs> {
    AccessFs::from_all(abi) & !(AccessFs::IoctlDev | AccessFs::MakeChar | AccessFs::MakeBlock)
}

fn in_full(entered: Result<RestrictionStatus, RulesetError>) -> Result<(), Failure> {
    match entered {
        Ok(status) if status.ruleset == RulesetStatus::FullyEnforced => Ok(()),
        Ok(_in_part) => Err(refused()),
        Err(_refused) => Err(refused()),
    }
}

fn refused() -> Failure {
    Failure::new(Stage::Landlock, libc::EINVAL)
}
