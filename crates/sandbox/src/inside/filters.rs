//! Loads the two seccomp programs of the frame. They bind this process and all that it forks.

use ninja_sandbox::Stage;
use seccompiler::{apply_filter, sock_filter};

use crate::failure::Failure;

pub(crate) fn load(programs: &[Vec<u8>; 2]) -> Result<(), Failure> {
    for program in programs {
        let steps: Vec<sock_filter> = program.chunks_exact(8).map(step).collect();
        apply_filter(&steps).map_err(|error| Failure::new(Stage::Filter, errno_of(&error)))?;
    }
    Ok(())
}

fn step(bytes: &[u8]) -> sock_filter {
    sock_filter {
        code: u16::from_ne_bytes([bytes[0], bytes[1]]),
        jt: bytes[2],
        jf: bytes[3],
        k: u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
    }
}

fn errno_of(error: &seccompiler::Error) -> i32 {
    match error {
        seccompiler::Error::Prctl(cause) | seccompiler::Error::Seccomp(cause) => {
            cause.raw_os_error().unwrap_or(0)
        }
        _ => libc::EINVAL,
    }
}
