use std::{fs, net::TcpListener};

/// A free loopback port that no other test takes while this value lives. Fixed, not port 0, because a
/// process that is killed must come back under the address that its clients know.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _lock: fs::File,
}

impl Port {
    /// Below the range from which the kernel picks ports of outgoing connections.
    const FIRST: u16 = 12_000;
    const COUNT: u16 = 18_000;

    pub(crate) fn reserve() -> Self {
        let user = rustix::process::getuid().as_raw();
        let dir = std::env::temp_dir().join(format!("ninja-test-ports-{user}"));
        fs::create_dir_all(&dir).expect("a folder for the port locks");
        let seed = u16::try_from(std::process::id() % u32::from(Self::COUNT)).unwrap_or_default();
        for offset in 0..Self::COUNT {
            let number = Self::FIRST + (seed.wrapping_mul(7) % Self::COUNT + offset) % Self::COUNT;
            let path = dir.join(number.to_string());
            let lock = fs::File::create(path).expect("a lock file can be made");
            if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Self { number, _lock: lock };
            }
        }
        panic!("no free loopback port");
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}
