//! Giving up what the new user namespace gave: all capabilities, for good.

use std::os::fd::AsRawFd;

use ninja_sandbox::Stage;
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

use crate::failure::{At, Failure};
use crate::signals::{errno, last};

/// Bounding, ambient, effective, permitted and inheritable sets: empty.
pub(crate) fn drop_all() -> Result<(), Failure> {
    drop_bounding_set()?;
    rustix::thread::clear_ambient_capability_set().at(Stage::Privileges)?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).at(Stage::Privileges)
}

/// Without the capability to empty it, it stays; and as no new privileges come, it gives nothing.
pub(crate) fn drop_bounding_set() -> Result<(), Failure> {
    for capability in 0..64 {
        // SAFETY: plain numbers. The kernel answers EINVAL behind its last capability.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
            match errno() {
                libc::EINVAL | libc::EPERM => break,
                _ => return Err(last(Stage::Privileges)),
            }
        }
    }
    Ok(())
}

/// The run's own loopback, so that a program may talk to itself.
pub(crate) fn raise_loopback() -> Result<(), Failure> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").at(Stage::Network)?;
    // SAFETY: an all-zero ifreq is a valid value of this C structure.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = libc::c_char::try_from(*from).unwrap_or(0);
    }
    let up = libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).unwrap_or(0);
    request.ifr_ifru.ifru_flags = up;
    // SAFETY: the kernel reads one ifreq from a pointer that lives across the call.
    if unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) } != 0 {
        return Err(last(Stage::Network));
    }
    Ok(())
}
