//! H, up to the fork: what every run needs before any cage is built.

use std::io::PipeReader;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ninja_sandbox::wire::Order;
use ninja_sandbox::{Stage, Tier};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{DumpableBehavior, Signal, set_dumpable_behavior};
use rustix::thread::UnshareFlags;

use crate::failure::{At, Failure};
use crate::signals::last;
use crate::status::Status;
use crate::{filters, frame, landlock, ns, privileges, signals, supervise};

/// How much later than the worker's timer the helper's own one ends the run.
const GRACE: Duration = Duration::from_secs(2);

/// The whole life of the helper.
pub(crate) fn run(status: &Status) -> Result<(), Failure> {
    let began = Instant::now();
    alone()?;
    let frame = frame::read()?;
    let order = &frame.order;
    // Linux kills the greediest first; a run goes before anything of the host. Not permitted in
    // some containers, where it is no loss either.
    let _lower = std::fs::write("/proc/self/oom_score_adj", "1000");
    identity(order)?;
    bound_to_worker(order)?;
    rustix::thread::set_no_new_privs(true).at(Stage::Privileges)?;
    signals::hold()?;
    match order.tier {
        Tier::Ns => namespaces()?,
        Tier::Landlock => {
            landlock::settle(order)?;
            unobserved()?;
        }
    }
    let (alive, watched) = std::io::pipe().at(Stage::Fork)?;
    let Some(first) = fork()? else {
        // The child keeps the reading end: when H is gone, the other end is closed.
        drop(watched);
        return match order.tier {
            Tier::Ns => ns::first_process(&frame, status, alive, began),
            Tier::Landlock => landlock::monitor(&frame, status, alive, began),
        };
    };
    drop(alive);
    unobserved()?;
    privileges::drop_all()?;
    filters::load(&frame.filters)?;
    let deadline = Instant::now() + Duration::from_millis(order.limits.wall_ms) + GRACE;
    // P is the first of a pid namespace, and its end the end of all. M kills its domain itself.
    let stop = match order.tier {
        Tier::Ns => libc::SIGKILL,
        Tier::Landlock => libc::SIGTERM,
    };
    let ended = supervise::until_gone(first, stop, deadline)?;
    drop(watched);
    status.say(&ended);
    Ok(())
}

/// Nothing of the worker but the four descriptors, an own session, private files.
fn alone() -> Result<(), Failure> {
    // SAFETY: nothing in this process owns a descriptor above 3.
    if unsafe { libc::close_range(4, u32::MAX, 0) } != 0 {
        return Err(last(Stage::Identity));
    }
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    rustix::process::setsid().at(Stage::Identity)?;
    Ok(())
}

/// A root worker's run gets the uid of its slot, for good.
fn identity(order: &Order) -> Result<(), Failure> {
    let Some(id) = order.uid else { return Ok(()) };
    privileges::drop_bounding_set()?;
    // SAFETY: plain numbers; the helper has one thread, so all of it changes.
    let done = unsafe {
        libc::setgroups(0, std::ptr::null()) == 0
            && libc::setresgid(id, id, id) == 0
            && libc::setresuid(id, id, id) == 0
    };
    if !done {
        return Err(last(Stage::Identity));
    }
    // The change cleared it, and without it the uid map of this process belongs to root.
    set_dumpable_behavior(DumpableBehavior::Dumpable).at(Stage::Identity)
}

/// Dies with the worker's spawn thread. A change of uid clears this, so it comes after.
fn bound_to_worker(order: &Order) -> Result<(), Failure> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).at(Stage::Parent)?;
    match rustix::process::getppid() {
        Some(parent) if parent.as_raw_nonzero().get() == order.parent => Ok(()),
        _ => Err(Failure::new(Stage::Parent, libc::ESRCH)),
    }
}

/// From here nobody of this uid reads or writes this process.
pub(crate) fn unobserved() -> Result<(), Failure> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).at(Stage::Privileges)
}

fn namespaces() -> Result<(), Failure> {
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    let all = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWPID
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS
        | UnshareFlags::NEWCGROUP;
    // SAFETY: the descriptor table is not unshared, so no descriptor of this process goes away.
    unsafe { rustix::thread::unshare_unsafe(all) }.at(Stage::Namespaces)?;
    // One user and one group, mapped to themselves; no supplementary groups.
    std::fs::write("/proc/self/setgroups", "deny").at(Stage::Mapping)?;
    let (user, group) = (user.as_raw(), group.as_raw());
    std::fs::write("/proc/self/uid_map", format!("{user} {user} 1")).at(Stage::Mapping)?;
    std::fs::write("/proc/self/gid_map", format!("{group} {group} 1")).at(Stage::Mapping)
}

/// `None` in the child. The helper has one thread, so the child may do anything.
pub(crate) fn fork() -> Result<Option<libc::pid_t>, Failure> {
    // SAFETY: this process has a single thread: no lock can be left held in the child.
    match unsafe { libc::fork() } {
        -1 => Err(last(Stage::Fork)),
        0 => Ok(None),
        pid => Ok(Some(pid)),
    }
}

/// The death signal was asked for too late if H died before: then its end of the pipe is closed.
pub(crate) fn check_parent(alive: &PipeReader) -> Result<(), Failure> {
    let mut ends = [PollFd::from_borrowed_fd(alive.as_fd(), PollFlags::empty())];
    let now = rustix::event::Timespec::try_from(Duration::ZERO).ok();
    poll(&mut ends, now.as_ref()).at(Stage::Parent)?;
    if ends[0].revents().contains(PollFlags::HUP) {
        return Err(Failure::new(Stage::Parent, libc::ESRCH));
    }
    Ok(())
}
