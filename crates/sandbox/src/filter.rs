//! The two seccomp filters of each tier, built once per process and sent with every frame.
//!
//! The first answers ENOSYS for calls that programs try before an older one; the second is the list
//! of what is allowed, and lists those too: of two errno answers the newest filter's wins. With
//! EPERM for `clone3` the C library would not fall back, and no program could start a thread.

mod allowed;

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::Tier;

const EPERM: SeccompAction = SeccompAction::Errno(1);
const ENOSYS: SeccompAction = SeccompAction::Errno(38);
/// Numbers are the same on every architecture since 5.x; the libc crate does not name them all.
const FCHMODAT2: i64 = 452;
const MSEAL: i64 = 462;
/// Every `CLONE_NEW*` flag.
const NEW_NAMESPACES: u64 = 0x7E02_0000;
const SET_ID_BITS: u64 = 0o6000;
/// `SOCK_NONBLOCK` and `SOCK_CLOEXEC` ride on the type.
const SOCKET_TYPE: u64 = 0xF;
const TERMINAL_IOCTLS: [u64; 4] = [0x5412, 0x541C, 0x5423, 0x540E];
/// `PR_SET_DUMPABLE`, `PR_SET_MM`, `PR_SET_PTRACER`.
const DENIED_PRCTLS: [u64; 3] = [4, 35, 0x5961_6D61];
const PERSONALITIES: [u64; 5] = [0, 8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF];

/// Two programs as the bytes that the kernel takes, in the order in which they are loaded.
pub(crate) type Filters = [Vec<u8>; 2];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

pub(crate) fn build(tier: Tier) -> Result<Filters, seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let late = [libc::SYS_clone3, FCHMODAT2, MSEAL];
    let absent = late.iter().map(|&nr| (nr, Vec::new())).collect();
    let absent = SeccompFilter::new(absent, SeccompAction::Allow, ENOSYS, arch)?;
    let mut rules = conditional()?;
    match tier {
        Tier::Ns => {
            let more = allowed::OF_SOCKETS.iter().chain(allowed::OF_OTHER_PROCESSES);
            rules.extend(more.map(|&nr| (nr, Vec::new())));
            rules.insert(libc::SYS_socket, sockets()?);
            rules.insert(libc::SYS_socketpair, vec![all([equal(0, libc::AF_UNIX)?])?]);
        }
        Tier::Landlock => rules.extend(of_itself_only()?),
    }
    let plain = allowed::COMMON.iter().chain(allowed::OF_THIS_ARCHITECTURE).chain(&late);
    rules.extend(plain.map(|&nr| (nr, Vec::new())));
    let allow = SeccompFilter::new(rules, EPERM, SeccompAction::Allow, arch)?;
    Ok([bytes(&BpfProgram::try_from(absent)?), bytes(&BpfProgram::try_from(allow)?)])
}

/// Calls that depend on their arguments. Only the low 32 bits are compared: the kernel ignores the
/// high ones of these arguments, so a filter that looks at them can be passed by setting them.
fn conditional() -> Result<Rules, seccompiler::Error> {
    let no_set_id = |arg| Ok::<_, seccompiler::Error>(vec![all([masked(arg, SET_ID_BITS, 0)?])?]);
    let mut rules = Rules::from([
        (libc::SYS_clone, vec![all([masked(0, NEW_NAMESPACES, 0)?])?]),
        (libc::SYS_fchmod, no_set_id(1)?),
        (libc::SYS_fchmodat, no_set_id(2)?),
        (libc::SYS_ioctl, vec![none_of(1, &TERMINAL_IOCTLS)?]),
        (libc::SYS_personality, any_of(0, &PERSONALITIES)?),
        (libc::SYS_prctl, vec![none_of(0, &DENIED_PRCTLS)?]),
        // Of itself only: the first process of the run has the same user.
        (libc::SYS_prlimit64, vec![all([equal(0, 0)?])?]),
    ]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_chmod, no_set_id(1)?);
    Ok(rules)
}

/// Without namespaces the processes and sockets of the host are in reach. No socket is made; of a pair
/// only streams, which are connected once and for all: a datagram socket could send to any path. And
/// what changes how a process is scheduled is for the own one.
fn of_itself_only() -> Result<Rules, seccompiler::Error> {
    let stream = u64::from(libc::SOCK_STREAM.unsigned_abs());
    let pair = all([equal(0, libc::AF_UNIX)?, masked(1, SOCKET_TYPE, stream)?])?;
    Ok(Rules::from([
        (libc::SYS_socketpair, vec![pair]),
        (libc::SYS_sched_setaffinity, vec![all([equal(0, 0)?])?]),
        // To the policy that every process has. Refused outright, mono warns on standard output.
        (libc::SYS_sched_setscheduler, vec![all([equal(1, libc::SCHED_OTHER)?])?]),
    ]))
}

/// Own loopback and unix streams, nothing raw, no protocol that would load a kernel module.
fn sockets() -> Result<Vec<SeccompRule>, seccompiler::Error> {
    let kinds = [
        (libc::AF_UNIX, libc::SOCK_STREAM, 0),
        (libc::AF_INET, libc::SOCK_STREAM, 0),
        (libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_TCP),
        (libc::AF_INET6, libc::SOCK_STREAM, 0),
        (libc::AF_INET6, libc::SOCK_STREAM, libc::IPPROTO_TCP),
        (libc::AF_INET, libc::SOCK_DGRAM, 0),
        (libc::AF_INET, libc::SOCK_DGRAM, libc::IPPROTO_UDP),
    ];
    let mut rules = Vec::new();
    for (family, kind, protocol) in kinds {
        let kind = u64::from(kind.unsigned_abs());
        rules.push(all([equal(0, family)?, masked(1, SOCKET_TYPE, kind)?, equal(2, protocol)?])?);
    }
    rules.push(all([equal(0, libc::AF_NETLINK)?, equal(2, libc::NETLINK_ROUTE)?])?);
    Ok(rules)
}

fn all<const N: usize>(
    conditions: [SeccompCondition; N],
) -> Result<SeccompRule, seccompiler::Error> {
    Ok(SeccompRule::new(conditions.into())?)
}

fn any_of(arg: u8, values: &[u64]) -> Result<Vec<SeccompRule>, seccompiler::Error> {
    values.iter().map(|&value| all([condition(arg, SeccompCmpOp::Eq, value)?])).collect()
}

fn none_of(arg: u8, values: &[u64]) -> Result<SeccompRule, seccompiler::Error> {
    let each = values.iter().map(|&value| condition(arg, SeccompCmpOp::Ne, value));
    Ok(SeccompRule::new(each.collect::<Result<_, _>>()?)?)
}

fn equal(arg: u8, value: libc::c_int) -> Result<SeccompCondition, seccompiler::Error> {
    condition(arg, SeccompCmpOp::Eq, u64::from(value.unsigned_abs()))
}

fn masked(arg: u8, mask: u64, value: u64) -> Result<SeccompCondition, seccompiler::Error> {
    condition(arg, SeccompCmpOp::MaskedEq(mask), value)
}

fn condition(
    arg: u8,
    op: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::Error> {
    Ok(SeccompCondition::new(arg, SeccompCmpArgLen::Dword, op, value)?)
}

fn bytes(program: &BpfProgram) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for step in program {
        bytes.extend_from_slice(&step.code.to_ne_bytes());
        bytes.extend_from_slice(&[step.jt, step.jf]);
        bytes.extend_from_slice(&step.k.to_ne_bytes());
    }
    bytes
}
