//! H, behind the fork: waits for the end of its child, ends it when told to or when time is up.

use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

use ninja_sandbox::Stage;
use ninja_sandbox::{children_of, wire};

use crate::failure::Failure;
use crate::signals::{errno, last, wait};

/// After this H gives up on a process that the kernel cannot end, and ends itself.
const STRAYS_MOST: Duration = Duration::from_millis(1500);

/// Returns when the child is gone, and with it every process of the run. `stop` is what makes the
/// child end them.
pub(crate) fn until_gone(
    first: libc::pid_t,
    stop: libc::c_int,
    deadline: Instant,
) -> Result<wire::Status, Failure> {
    let (mut left, mut stopped) = (deadline.saturating_duration_since(Instant::now()), false);
    while !reaped(first)? {
        // The helper's own timer holds also when the worker has hung.
        if matches!(wait(left), Some(libc::SIGTERM) | None) && !stopped {
            stopped = true;
            // SAFETY: `first` is an unreaped child, so the number is still its own.
            unsafe { libc::kill(first, stop) };
        }
        let left_over = deadline.saturating_duration_since(Instant::now());
        left = if stopped { STRAYS_MOST } else { left_over };
    }
    strays()?;
    ended()
}

/// Reaps whoever has ended, orphans of the landlock tier too: `first` was among them.
fn reaped(first: libc::pid_t) -> Result<bool, Failure> {
    let mut gone = false;
    loop {
        match any_child()? {
            Child::Ended(pid) => gone |= pid == first,
            Child::Alive => return Ok(gone),
            Child::None => return Ok(true),
        }
    }
}

/// In the ns tier there are none. In the landlock tier orphans come to H, killed by M already; only if
/// M itself was lost, to a machine without memory, does H kill them, one by one.
fn strays() -> Result<(), Failure> {
    let until = Instant::now() + STRAYS_MOST;
    loop {
        match any_child()? {
            Child::None => return Ok(()),
            Child::Ended(_) => continue,
            Child::Alive if Instant::now() > until => return Ok(()),
            Child::Alive => {}
        }
        for pid in children_of(std::process::id()).unwrap_or_default() {
            // SAFETY: a child that nobody else reaps keeps its number.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        wait(Duration::from_millis(10));
    }
}

enum Child {
    Ended(libc::pid_t),
    Alive,
    None,
}

fn any_child() -> Result<Child, Failure> {
    loop {
        // SAFETY: the status is not asked for.
        match unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } {
            0 => return Ok(Child::Alive),
            -1 => match errno() {
                libc::EINTR => {}
                libc::ECHILD => return Ok(Child::None),
                _ => return Err(last(Stage::Fork)),
            },
            pid => return Ok(Child::Ended(pid)),
        }
    }
}

/// What all children used, and theirs.
fn ended() -> Result<wire::Status, Failure> {
    let mut usage = MaybeUninit::uninit();
    // SAFETY: the kernel fills `usage` when it answers 0.
    let usage: libc::rusage = unsafe {
        if libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) != 0 {
            return Err(last(Stage::Fork));
        }
        usage.assume_init()
    };
    Ok(wire::Status::Ended {
        cpu_user_ms: milliseconds(usage.ru_utime),
        cpu_system_ms: milliseconds(usage.ru_stime),
        max_rss_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
    })
}

fn milliseconds(time: libc::timeval) -> u64 {
    let micros = u64::try_from(time.tv_usec).unwrap_or(0);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1000 + micros / 1000
}
