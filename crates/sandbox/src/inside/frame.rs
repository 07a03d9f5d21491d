//! Reads the frame from standard input, to the byte: what follows belongs to the program.

use std::os::fd::BorrowedFd;

use ninja_sandbox::Stage;
use ninja_sandbox::wire::{FILTER_MOST, MAGIC, ORDER_MOST, Order, VERSION};

use crate::failure::{At, Failure};

/// The order and the two filters, in the order in which they are loaded.
pub(crate) struct Frame {
    pub(crate) order: Order,
    pub(crate) filters: [Vec<u8>; 2],
}

pub(crate) fn read() -> Result<Frame, Failure> {
    let mut magic = [0; 4];
    exactly(&mut magic)?;
    let version = part(64)?;
    if &magic != MAGIC || version != VERSION.as_bytes() {
        return Err(Failure::new(Stage::Frame, libc::EPROTO));
    }
    let order = serde_json::from_slice(&part(ORDER_MOST)?)
        .map_err(|_broken| Failure::new(Stage::Frame, libc::EBADMSG))?;
    Ok(Frame { order, filters: [part(FILTER_MOST)?, part(FILTER_MOST)?] })
}

fn part(most: usize) -> Result<Vec<u8>, Failure> {
    let mut length = [0; 4];
    exactly(&mut length)?;
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > most {
        return Err(Failure::new(Stage::Frame, libc::EMSGSIZE));
    }
    let mut bytes = vec![0; length];
    exactly(&mut bytes)?;
    Ok(bytes)
}

/// Unbuffered: a buffer would swallow the program's input.
fn exactly(mut rest: &mut [u8]) -> Result<(), Failure> {
    // SAFETY: descriptor 0 is this process's standard input and stays open.
    let stdin = unsafe { BorrowedFd::borrow_raw(0) };
    while !rest.is_empty() {
        match rustix::io::read(stdin, &mut *rest) {
            Ok(0) => return Err(Failure::new(Stage::Frame, libc::ENODATA)),
            Ok(count) => rest = rest.split_at_mut(count).1,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno).at(Stage::Frame),
        }
    }
    Ok(())
}
