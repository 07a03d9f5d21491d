//! The landlock tier: no namespaces. H adopts the orphans of the run; M, the monitor, stands in a
//! domain around the whole tree, starts the program in a domain of its own inside that, and kills
//! everybody in it when the program ends or somebody says so.

use std::io::PipeReader;
use std::time::{Duration, Instant};

use ninja_sandbox::Stage;
use ninja_sandbox::wire::Order;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::process::{Signal, WaitOptions, WaitStatus, wait};

use crate::enter::{check_parent, fork};
use crate::failure::{At, Failure};
use crate::frame::Frame;
use crate::reap;
use crate::signals::errno;
use crate::status::Status;
use crate::{domain, filters, signals, target};

/// Longer than any run: M has no timer, H has.
const LONG: Duration = Duration::from_hours(1);

/// H, before the fork. The start folder is opened from the workspace on, so that no link of an
/// earlier run leads out of it.
pub(crate) fn settle(order: &Order) -> Result<(), Failure> {
    let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let workspace = openat(CWD, &order.workspace, folder, Mode::empty()).at(Stage::View)?;
    let start = if order.dir.is_empty() { "." } else { &order.dir };
    let confined = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let start = openat2(&workspace, start, folder, Mode::empty(), confined).at(Stage::Folder)?;
    rustix::process::fchdir(start).at(Stage::Folder)?;
    // SAFETY: plain numbers.
    match unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(signals::last(Stage::Identity)),
    }
}

/// M. When it returns, everything that the program left behind has been killed.
pub(crate) fn monitor(
    frame: &Frame,
    status: &Status,
    parent_alive: PipeReader,
    began: Instant,
) -> Result<(), Failure> {
    domain::around_tree()?;
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM)).at(Stage::Parent)?;
    check_parent(&parent_alive)?;
    drop(parent_alive);
    // What `kill_all` relies on, seen at work: H has the same user and stands outside.
    if signal(parent(), 0) || errno() != libc::EPERM {
        return Err(Failure::new(Stage::Landlock, libc::EPERM));
    }
    let (starting, started) = std::io::pipe().at(Stage::Fork)?;
    match fork()? {
        None => {
            drop(starting);
            target::run(frame, status, started);
            Ok(())
        }
        Some(program) => {
            drop(started);
            let watched = watch(frame, program, starting, status, began);
            // Everybody in D1 but M itself, whatever session, whatever parent, in one pass that no
            // fork can slip through.
            signal(-1, libc::SIGKILL);
            watched
        }
    }
}

/// Until the program ends, or the helper says so or is gone.
fn watch(
    frame: &Frame,
    program: libc::pid_t,
    starting: PipeReader,
    status: &Status,
    began: Instant,
) -> Result<(), Failure> {
    filters::load(&frame.filters)?;
    let executed = reap::executed(starting, status, began)?;
    loop {
        while let Some((pid, end)) = ended()? {
            if pid == program {
                if executed {
                    reap::say(status, end);
                }
                return Ok(());
            }
        }
        if signals::wait(LONG) == Some(libc::SIGTERM) {
            return Ok(());
        }
    }
}

fn ended() -> Result<Option<(libc::pid_t, WaitStatus)>, Failure> {
    let ended = wait(WaitOptions::NOHANG).at(Stage::Fork)?;
    Ok(ended.map(|(pid, end)| (pid.as_raw_nonzero().get(), end)))
}

fn parent() -> libc::pid_t {
    rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get())
}

/// Whether the kernel let it through.
fn signal(to: libc::pid_t, signal: libc::c_int) -> bool {
    // SAFETY: plain numbers. `-1` reaches only this process's Landlock domain, which was checked.
    unsafe { libc::kill(to, signal) == 0 }
}
