//! The status pipe: one JSON line per fact, written by H and P, and by T until it is the program.

use std::os::fd::BorrowedFd;

use ninja_sandbox::wire;
use rustix::io::{FdFlags, fcntl_setfd, write};

/// Descriptor 3, closed by the kernel when the program starts.
pub(crate) struct Status {
    fd: BorrowedFd<'static>,
}

impl Status {
    /// Marks descriptor 3 so that the program does not inherit it.
    pub(crate) fn claim() -> Self {
        // SAFETY: the worker put the pipe on this number before exec; nobody in this process closes
        // it, so it is valid for as long as the process lives. If it is absent, writes give EBADF.
        let fd = unsafe { BorrowedFd::borrow_raw(wire::STATUS_FD) };
        let _absent = fcntl_setfd(fd, FdFlags::CLOEXEC);
        Self { fd }
    }

    /// Best effort: when the worker is gone there is nobody to tell, and the tree dies anyway. A
    /// line is far below the size that a pipe takes at once.
    pub(crate) fn say(&self, line: &wire::Status) {
        if let Ok(mut text) = serde_json::to_vec(line) {
            text.push(b'\n');
            let _gone = write(self.fd, &text);
        }
    }
}
