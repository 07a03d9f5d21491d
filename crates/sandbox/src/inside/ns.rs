//! P, pid 1 of the run: builds the cage from inside the namespaces, starts the program, reaps.

use std::io::PipeReader;
use std::time::Instant;

use ninja_sandbox::Stage;
use rustix::process::{Signal, WaitOptions, wait};

use crate::enter::{check_parent, fork, unobserved};
use crate::failure::{At, Failure};
use crate::frame::Frame;
use crate::status::Status;
use crate::{domain, filters, privileges, reap, target, view};

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
    unobserved()?; // before the program exists
    domain::restrict(&frame.order.extra_paths)?;
    filters::load(&frame.filters)?;
    let (starting, started) = std::io::pipe().at(Stage::Fork)?;
    match fork()? {
        None => {
            drop(starting);
            target::run(frame, status, started);
            Ok(())
        }
        Some(program) => {
            drop(started);
            reap(program, starting, status, began)
        }
    }
}

/// The run is over when the program ends. Orphans are adopted and reaped until then.
fn reap(
    program: libc::pid_t,
    starting: PipeReader,
    status: &Status,
    began: Instant,
) -> Result<(), Failure> {
    let executed = reap::executed(starting, status, began)?;
    loop {
        let Some((pid, end)) = wait(WaitOptions::empty()).at(Stage::Fork)? else { continue };
        if pid.as_raw_nonzero().get() != program {
            continue;
        }
        if executed {
            reap::say(status, end);
        }
        return Ok(());
    }
}
