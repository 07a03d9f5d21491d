//! H, behind the fork: waits for the end of P, ends it when told to or when time is up.

use std::mem::MaybeUninit;
use std::time::Instant;

use ninja_sandbox::Stage;
use ninja_sandbox::wire;

use crate::failure::Failure;
use crate::signals::{errno, last, wait};

/// Returns when P is gone, and with it, as P is pid 1, every process of the run.
pub(crate) fn until_gone(first: libc::pid_t, deadline: Instant) -> Result<wire::Status, Failure> {
    loop {
        if let Some(usage) = gone(first)? {
            return Ok(ended(&usage));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        // The helper's own timer holds also when the worker has hung.
        if matches!(wait(left), Some(libc::SIGTERM) | None) {
            // SAFETY: `first` is an unreaped child, so the number is still its own.
            unsafe { libc::kill(first, libc::SIGKILL) };
            return wait_for(first, 0)?
                .map(|usage| ended(&usage))
                .ok_or(Failure::new(Stage::Fork, libc::ECHILD));
        }
    }
}

fn gone(first: libc::pid_t) -> Result<Option<libc::rusage>, Failure> {
    wait_for(first, libc::WNOHANG)
}

fn wait_for(first: libc::pid_t, flags: libc::c_int) -> Result<Option<libc::rusage>, Failure> {
    let mut usage = MaybeUninit::uninit();
    loop {
        // SAFETY: the kernel fills `usage` when it answers the pid; the status is not asked for.
        match unsafe { libc::wait4(first, std::ptr::null_mut(), flags, usage.as_mut_ptr()) } {
            0 => return Ok(None),
            // SAFETY: as above: the call succeeded, so it is filled.
            pid if pid == first => return Ok(Some(unsafe { usage.assume_init() })),
            _ if errno() == libc::EINTR => {}
            _ => return Err(last(Stage::Fork)),
        }
    }
}

fn ended(usage: &libc::rusage) -> wire::Status {
    wire::Status::Ended {
        cpu_user_ms: milliseconds(usage.ru_utime),
        cpu_system_ms: milliseconds(usage.ru_stime),
        max_rss_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
    }
}

fn milliseconds(time: libc::timeval) -> u64 {
    let micros = u64::try_from(time.tv_usec).unwrap_or(0);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1000 + micros / 1000
}
