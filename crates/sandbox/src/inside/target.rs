//! T: the last steps, then the program.

use std::io::{PipeWriter, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;

use ninja_sandbox::wire::{self, Order, Rlimits};
use ninja_sandbox::{Stage, Tier};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::failure::{At, Failure};
use crate::frame::Frame;
use crate::status::Status;
use crate::{attack, domain, filters, signals};

const OPEN_FILES: u64 = 256;
const STACK_BYTES: u64 = 64 * 1024 * 1024;
const LOCKED_BYTES: u64 = 64 * 1024;

/// Comes back only when the program could not be executed, or instead of it attacked the cage.
pub(crate) fn run(frame: &Frame, status: &Status, mut started: PipeWriter) {
    let order = &frame.order;
    let line = match prepare(frame) {
        Err(failure) => failure.line(),
        Ok(()) => match &order.attack {
            Some(victims) => {
                drop(started);
                return attack::report(victims, order.tier);
            }
            None => wire::Status::NotExecuted { errno: execute(order) },
        },
    };
    status.say(&line);
    let _parent_gone = started.write(b"x");
}

/// In the ns tier P has done the rest. In the landlock tier each process loads its own filters, as
/// a process with filters may not lower its own priority.
fn prepare(frame: &Frame) -> Result<(), Failure> {
    bound(&frame.order.limits)?;
    match frame.order.tier {
        Tier::Ns => signals::defaults(),
        Tier::Landlock => {
            domain::around_program(&frame.order)?;
            signals::defaults()?;
            filters::load(&frame.filters)
        }
    }
}

fn bound(limits: &Rlimits) -> Result<(), Failure> {
    // A fork bomb of the same priority as the processes that end it delays its own end by seconds.
    rustix::process::nice(10).at(Stage::Limits)?;
    let pairs = [
        (Resource::Core, 0),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Data, limits.data_bytes),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Stack, STACK_BYTES),
        (Resource::Memlock, LOCKED_BYTES),
        (Resource::Msgqueue, 0),
        (Resource::Nproc, limits.processes),
    ];
    for (resource, most) in pairs {
        limit(resource, most, most)?;
    }
    // SIGXCPU at the soft limit tells the cause, SIGKILL at the hard one needs no consent.
    limit(Resource::Cpu, limits.cpu_s, limits.cpu_s + 1)
}

/// Never above what the worker itself may have.
fn limit(resource: Resource, soft: u64, hard: u64) -> Result<(), Failure> {
    let inherited = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let new = Rlimit { current: Some(soft.min(inherited)), maximum: Some(hard.min(inherited)) };
    setrlimit(resource, new).at(Stage::Limits)
}

fn execute(order: &Order) -> i32 {
    let Some((program, arguments)) = order.argv.split_first() else { return libc::ENOENT };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&order.env);
    command.exec().raw_os_error().unwrap_or(libc::ENOEXEC)
}
