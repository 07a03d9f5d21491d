//! What P and M have in common: did the program start, and how did it end.

use std::io::{PipeReader, Read};
use std::time::Instant;

use ninja_sandbox::Stage;
use ninja_sandbox::wire;
use rustix::process::WaitStatus;

use crate::failure::{At, Failure};
use crate::status::Status;

/// The kernel closes the other end when the program executes; a byte says that it did not.
pub(crate) fn executed(
    mut starting: PipeReader,
    status: &Status,
    began: Instant,
) -> Result<bool, Failure> {
    let executed = starting.read(&mut [0]).at(Stage::Fork)? == 0;
    if executed {
        let setup_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        status.say(&wire::Status::Started { setup_us });
    }
    Ok(executed)
}

pub(crate) fn say(status: &Status, end: WaitStatus) {
    status.say(&match end.terminating_signal() {
        Some(signal) => wire::Status::Signalled { signal },
        None => wire::Status::Exited { code: end.exit_status().unwrap_or(-1) },
    });
}
