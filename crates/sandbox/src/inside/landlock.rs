//! Landlock inside the namespaces: a second lock on the same doors, used as far as the kernel has it.

use landlock::{
    ABI, Access, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};
use ninja_sandbox::Stage;
use ninja_sandbox::wire::READ_ONLY;

use crate::failure::Failure;
use crate::view::DEVICES;

/// Newest set of rights that this code knows; an older kernel enforces its part of them.
const NEWEST: ABI = ABI::V7;

pub(crate) fn restrict(extra_paths: &[String]) -> Result<(), Failure> {
    let all = AccessFs::from_all(NEWEST);
    let rules = ruleset(all, extra_paths).and_then(RulesetCreated::restrict_self);
    rules.map(drop).map_err(|_refused| Failure::new(Stage::Landlock, libc::EINVAL))
}

fn ruleset(
    all: BitFlags<AccessFs>,
    extra_paths: &[String],
) -> Result<RulesetCreated, RulesetError> {
    let write = all & !(AccessFs::IoctlDev | AccessFs::MakeChar | AccessFs::MakeBlock);
    let read = AccessFs::from_read(NEWEST);
    let readable = READ_ONLY.iter().copied().chain(extra_paths.iter().map(String::as_str));
    Ruleset::default()
        .handle_access(all)?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(readable.chain(["/etc", "/proc", "/dev"]), read))?
        .add_rules(path_beneath_rules(["/workspace", "/tmp", "/dev/shm"], write))?
        .add_rules(path_beneath_rules(DEVICES, AccessFs::ReadFile | AccessFs::WriteFile))
}
