//! One PostgreSQL or Redis process under its guard, which ends it when its owner is gone. `shared.rs`
//! holds the two that a test run shares, `postgres.rs` and `redis.rs` those that a test may hurt.

mod port;
mod postgres;
mod redis;
mod shared;

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

pub(crate) use self::port::Port;
pub(crate) use self::shared::{once_per_run, postgres_url};
pub use self::{
    postgres::Pg,
    redis::Redis,
    shared::{fresh_prefix, redis_url},
};

const GUARD: &str = include_str!("guard.sh");
const START: Duration = Duration::from_mins(1);

/// Which program the guard runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Postgres,
    Redis,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// The address of an engine of this kind at `port`.
    fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://ninja:ninja@127.0.0.1:{port}/postgres"),
            Self::Redis => format!("redis://127.0.0.1:{port}/"),
        }
    }
}

/// Starts the guard of an engine that lives until `owner` is gone, and answers when the engine does.
fn start(kind: Kind, owner: u32, dir: &Path, port: u16, detached: bool) -> Child {
    let log = fs::File::create(dir.join("log")).expect("the engine's log can be made");
    let script = dir.join("guard.sh");
    fs::write(&script, GUARD).expect("the guard's script can be written");
    let mut command = Command::new(if detached { "setsid" } else { "bash" });
    if detached {
        command.arg("bash"); // out of this test's process group: the engine outlives it
    }
    command
        .arg(script)
        .args([kind.name(), &owner.to_string()])
        .arg(dir)
        .arg(port.to_string())
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file handle can be copied"))
        .stderr(log)
        .current_dir("/");
    if !detached {
        command.process_group(0); // ended by its owner, not by the terminal
    }
    let mut guard = command.spawn().expect("bash and setsid are there");
    let end = Instant::now() + START;
    while !answers(kind, port) {
        let ended = guard.try_wait().expect("a child can be asked").is_some();
        if (ended && !detached) || Instant::now() > end {
            let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
            panic!("{} did not start in {}:\n{log}", kind.name(), dir.display());
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    guard
}

/// Whether the engine speaks its protocol: an open port alone says too little.
fn answers(kind: Kind, port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    let address = ([127, 0, 0, 1], port).into();
    let patience = Duration::from_millis(500);
    let Ok(mut stream) = std::net::TcpStream::connect_timeout(&address, patience) else {
        return false;
    };
    if stream.set_read_timeout(Some(patience)).is_err() {
        return false;
    }
    let (hello, want): (&[u8], u8) = match kind {
        // A startup message for user and database `ninja`/`postgres`; `R` means that it lets us in.
        Kind::Postgres => (b"\0\0\0\x26\0\x03\0\0user\0ninja\0database\0postgres\0\0", b'R'),
        Kind::Redis => (b"PING\r\n", b'+'),
    };
    let mut first = [0];
    stream.write_all(hello).is_ok() && stream.read_exact(&mut first).is_ok() && first[0] == want
}

/// An engine of one test, gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Engine {
    kind: Kind,
    dir: tempfile::TempDir,
    port: Port,
    guard: Option<Child>,
}

impl Engine {
    fn new(kind: Kind) -> Self {
        let dir = tempfile::Builder::new()
            .prefix(&format!("ninja-{}-", kind.name()))
            .tempdir()
            .expect("a folder for the engine");
        let mut engine = Self { kind, dir, port: Port::reserve(), guard: None };
        engine.start_again();
        engine
    }

    fn url(&self) -> String {
        self.kind.url(self.port.number())
    }

    fn start_again(&mut self) {
        assert!(self.guard.is_none(), "{} runs already", self.kind.name());
        let (port, owner) = (self.port.number(), std::process::id());
        self.guard = Some(start(self.kind, owner, self.dir.path(), port, false));
    }

    /// Ends the engine in order and waits until it is gone.
    fn stop(&mut self) {
        if let Some(guard) = self.guard.take() {
            signal(guard.id(), Signal::TERM);
            reap(guard);
        }
    }

    /// Kills the engine as a power cut of its process would, and waits until it is gone.
    fn kill9(&mut self) {
        if let Some(guard) = self.guard.take() {
            signal(self.pid(), Signal::KILL);
            reap(guard);
        }
    }

    /// Stops or continues the engine and every process that it started.
    fn freeze(&self, frozen: bool) {
        let how = if frozen { Signal::STOP } else { Signal::CONT };
        let engine = self.pid();
        signal(engine, how);
        for child in children(engine) {
            signal(child, how);
        }
    }

    fn pid(&self) -> u32 {
        let text =
            fs::read_to_string(self.dir.path().join("pid")).expect("the guard wrote the pid");
        text.trim().parse().expect("a pid")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

fn reap(mut guard: Child) {
    guard.wait().expect("a child can be waited for");
}

/// Sends a signal; a process that is gone already is what the sender wanted.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        kill_process(pid, signal).ok();
    }
}

/// Children of `parent`, read from `/proc`.
fn children(parent: u32) -> Vec<u32> {
    let list = fs::read_dir("/proc").expect("/proc is there");
    list.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(parent))
        .collect()
}

/// The parent of a process: field 4 of its `stat`, counted behind the name, which may hold spaces.
pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
