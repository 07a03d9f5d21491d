//! What stands by while the helper attacks: files, sockets and a process that it must not reach.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use crate::slots::{Slot, Slots};
use crate::wire::{Attack, AttackResult};

/// Lives in a slot of its own; everybody may look into it, so only the cage keeps a run out.
pub(crate) struct Victims {
    pub(crate) attack: Attack,
    udp: UdpSocket,
    slot: Slot,
    _listening: (TcpListener, UnixListener, UnixListener),
}

impl Victims {
    /// `landlock_abi` is what the kernel says it has.
    pub(crate) fn stand_by(slots: &Slots, landlock_abi: u8) -> io::Result<Self> {
        let slot = slots.take()?;
        let folder = &slot.folder;
        fs::set_permissions(folder, Permissions::from_mode(0o777))?;
        fs::write(folder.join("canary"), "canary")?;
        fs::set_permissions(folder.join("canary"), Permissions::from_mode(0o666))?;
        let tcp = TcpListener::bind("127.0.0.1:0")?;
        let udp = UdpSocket::bind("127.0.0.1:0")?;
        udp.set_nonblocking(true)?;
        let path = UnixListener::bind(folder.join("canary.sock"))?;
        fs::set_permissions(folder.join("canary.sock"), Permissions::from_mode(0o777))?;
        let abstract_name = format!("ninja-canary-{}", folder.display());
        let named = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&abstract_name)?)?;
        let attack = Attack {
            pid: i32::try_from(std::process::id()).unwrap_or(0),
            folder: folder.to_string_lossy().into_owned(),
            tcp_port: tcp.local_addr()?.port(),
            udp_port: udp.local_addr()?.port(),
            abstract_name,
            landlock_abi,
        };
        Ok(Self { attack, udp, slot, _listening: (tcp, path, named) })
    }

    /// What only the victim can tell: nothing arrived, nothing was written.
    pub(crate) fn look(&self) -> Vec<AttackResult> {
        let arrived = self.udp.recv(&mut [0; 16]);
        let silent = arrived.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        let untouched =
            fs::read(self.slot.folder.join("canary")).is_ok_and(|text| text == b"canary");
        let result = |name: &str, held, answer: &str| AttackResult {
            name: name.to_owned(),
            held,
            answer: answer.to_owned(),
        };
        vec![
            result("udp_host", silent, if silent { "nothing arrived" } else { "it arrived" }),
            result("canary", untouched, if untouched { "untouched" } else { "changed" }),
        ]
    }
}
