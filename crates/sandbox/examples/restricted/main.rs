//! Starts a program as a container with the usual settings would: no capabilities, no new privileges,
//! an ordinary user, and the seccomp profile that Docker applies to a container without capabilities.
//! `restricted UID [--without-landlock] PROGRAM [ARGUMENT…]`. The tests use it; no product program does.
#![expect(unsafe_code, reason = "changing the user has no safe form; each block says why it holds")]

mod calls;

use std::collections::BTreeMap;
use std::error::Error;
use std::os::unix::process::CommandExt;
use std::process::Command;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

const EPERM: SeccompAction = SeccompAction::Errno(1);
const ENOSYS: SeccompAction = SeccompAction::Errno(38);
/// Every `CLONE_NEW*` flag.
const NEW_NAMESPACES: u64 = 0x7E02_0000;
const PERSONALITIES: [u64; 5] = [0, 8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args_os().skip(1).peekable();
    let user = words.next().and_then(|word| word.to_str()?.parse().ok()).ok_or("which user?")?;
    let without_landlock = words.next_if(|word| word == "--without-landlock").is_some();
    let program = words.next().ok_or("which program?")?;
    if rustix::process::geteuid().is_root() {
        become_user(user)?;
    }
    let mut absent = vec![libc::SYS_clone3];
    if without_landlock {
        absent.push(libc::SYS_landlock_create_ruleset);
    }
    let absent = absent.into_iter().map(|call| (call, Vec::new())).collect();
    load(absent, SeccompAction::Allow, ENOSYS)?;
    load(allowed()?, EPERM, SeccompAction::Allow)?;
    Err(Command::new(program).args(words).exec().into())
}

/// Capabilities go with root: none are kept over the change, and the bounding set is emptied before.
fn become_user(id: u32) -> Result<(), Box<dyn Error>> {
    // SAFETY: plain numbers and a null list of length 0; this program has one thread.
    let done = unsafe {
        for capability in 0..64 {
            libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
        libc::setgroups(0, std::ptr::null()) == 0
            && libc::setresgid(id, id, id) == 0
            && libc::setresuid(id, id, id) == 0
    };
    if done { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn load(
    rules: Rules,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<(), Box<dyn Error>> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let program = BpfProgram::try_from(SeccompFilter::new(rules, otherwise, listed, arch)?)?;
    Ok(apply_filter(&program)?) // which forbids new privileges too
}

fn allowed() -> Result<Rules, Box<dyn Error>> {
    let mut rules: Rules = calls::ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    let one = |op, value| -> Result<SeccompRule, seccompiler::BackendError> {
        SeccompRule::new(vec![SeccompCondition::new(0, SeccompCmpArgLen::Dword, op, value)?])
    };
    let personalities = PERSONALITIES.iter().map(|&value| one(SeccompCmpOp::Eq, value));
    rules.insert(libc::SYS_personality, personalities.collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_clone, vec![one(SeccompCmpOp::MaskedEq(NEW_NAMESPACES), 0)?]);
    rules.insert(
        libc::SYS_socket,
        vec![one(SeccompCmpOp::Ne, u64::from(libc::AF_VSOCK.unsigned_abs()))?],
    );
    Ok(rules)
}
