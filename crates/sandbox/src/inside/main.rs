//! The helper: one process per run, one thread, started by a worker with an empty environment and
//! nothing in its argv. It reads one frame, builds the cage around itself and runs the program in it.
//!
//! Three processes: **H**, this one, outside the cage, which the worker watches and kills; in the ns
//! tier **P**, pid 1 of the run, which builds the file view and reaps; in the landlock tier **M**, the
//! monitor, in a domain around the tree; **T**, the program. Read `enter.rs` (H), `ns.rs` (P),
//! `landlock.rs` (M) and `target.rs` (T) in this order.
#![expect(
    unsafe_code,
    reason = "fork, signal masks, prctl and wait4 have no safe form; each block says why it holds"
)]

mod attack;
mod domain;
mod enter;
mod failure;
mod filters;
mod frame;
mod landlock;
mod ns;
mod privileges;
mod reap;
mod signals;
mod status;
mod supervise;
mod target;
mod view;

use std::process::ExitCode;

use ninja_sandbox::wire;

fn main() -> ExitCode {
    let status = status::Status::claim();
    match enter::run(&status) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            status.say(&failure.line());
            ExitCode::from(wire::EXIT_FAILED)
        }
    }
}
