//! Signal masks, waiting for signals, and the clean slate of the program.

use std::mem::MaybeUninit;
use std::time::Duration;

use ninja_sandbox::Stage;

use crate::failure::Failure;

fn set_of(signals: &[libc::c_int]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set, sigaddset changes an initialised one; the signal
    // numbers are constants of libc.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for &signal in signals {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

/// SIGTERM and the end of a child wait until [`wait`] asks for them.
pub(crate) fn hold() -> Result<(), Failure> {
    mask(libc::SIG_BLOCK, &[libc::SIGTERM, libc::SIGCHLD])
}

fn mask(how: libc::c_int, signals: &[libc::c_int]) -> Result<(), Failure> {
    let set = set_of(signals);
    // SAFETY: `set` is initialised, and the old mask is not asked for.
    match unsafe { libc::sigprocmask(how, &raw const set, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(last(Stage::Signals)),
    }
}

/// The next held signal, or `None` when the time is over.
pub(crate) fn wait(at_most: Duration) -> Option<libc::c_int> {
    let set = set_of(&[libc::SIGTERM, libc::SIGCHLD]);
    let time = libc::timespec {
        tv_sec: libc::time_t::try_from(at_most.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(at_most.subsec_nanos()),
    };
    // SAFETY: both structures live across the call; no information about the signal is asked for.
    let signal =
        unsafe { libc::sigtimedwait(&raw const set, std::ptr::null_mut(), &raw const time) };
    // An interruption by another signal counts as SIGCHLD: the caller looks and waits again.
    match signal {
        -1 if errno() == libc::EAGAIN => None,
        -1 => Some(libc::SIGCHLD),
        signal => Some(signal),
    }
}

/// The program starts as a login shell would start it: defaults everywhere, nothing blocked. The
/// Rust runtime, for one, ignores SIGPIPE.
pub(crate) fn defaults() -> Result<(), Failure> {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL installs no code; numbers that cannot be set answer EINVAL, which is fine.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    mask(libc::SIG_SETMASK, &[])
}

pub(crate) fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

pub(crate) fn last(stage: Stage) -> Failure {
    Failure::new(stage, errno())
}
