//! P, pid 1 of the run: builds the cage from inside the namespaces, starts the program, reaps.

use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ninja_sandbox::Stage;
use ninja_sandbox::wire;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{DumpableBehavior, Signal, WaitOptions, set_dumpable_behavior, wait};

use crate::enter::fork;
use crate::failure::{At, Failure};
use crate::frame::Frame;
use crate::status::Status;
use crate::{filters, landlock, privileges, target, view};

/// When P returns, the kernel kills whatever is left in its pid namespace.
pub(crate) fn first_process(
    frame: &Frame,
    status: &Status,
    parent_alive: PipeReader,
    began: Instant,
) -> Result<(), Failure> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).at(Stage::Parent)?;
    check_parent(&parent_alive)?;
    drop(parent_alive);
    view::build(&frame.order)?;
    rustix::system::sethostname(b"sandbox").at(Stage::Network)?;
    privileges::raise_loopback()?;
    privileges::drop_all()?;
    let start = format!("/workspace/{}", frame.order.dir);
    rustix::process::chdir(start).at(Stage::Folder)?;
    // Before the program exists: from here nobody of this uid reads or writes this process.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).at(Stage::Privileges)?;
    landlock::restrict(&frame.order.extra_paths)?;
    filters::load(&frame.filters)?;
    let (starting, started) = std::io::pipe().at(Stage::Fork)?;
    match fork()? {
        None => {
            drop(starting);
            target::run(&frame.order, status, started);
            Ok(())
        }
        Some(program) => {
            drop(started);
            reap(program, starting, status, began)
        }
    }
}

/// The death signal was asked for too late if H died before: then its end of the pipe is closed.
fn check_parent(alive: &PipeReader) -> Result<(), Failure> {
    let mut ends = [PollFd::from_borrowed_fd(alive.as_fd(), PollFlags::empty())];
    let now = rustix::event::Timespec::try_from(Duration::ZERO).ok();
    poll(&mut ends, now.as_ref()).at(Stage::Parent)?;
    if ends[0].revents().contains(PollFlags::HUP) {
        return Err(Failure::new(Stage::Parent, libc::ESRCH));
    }
    Ok(())
}

/// The run is over when the program ends. Orphans are adopted and reaped until then.
fn reap(
    program: libc::pid_t,
    mut starting: PipeReader,
    status: &Status,
    began: Instant,
) -> Result<(), Failure> {
    // The kernel closes the other end when the program executes; a byte says that it did not.
    let executed = starting.read(&mut [0]).at(Stage::Fork)? == 0;
    if executed {
        let setup_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        status.say(&wire::Status::Started { setup_us });
    }
    loop {
        let Some((pid, end)) = wait(WaitOptions::empty()).at(Stage::Fork)? else { continue };
        if pid.as_raw_nonzero().get() != program {
            continue;
        }
        if executed {
            status.say(&match end.terminating_signal() {
                Some(signal) => wire::Status::Signalled { signal },
                None => wire::Status::Exited { code: end.exit_status().unwrap_or(-1) },
            });
        }
        return Ok(());
    }
}
