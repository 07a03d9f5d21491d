//! The PostgreSQL and the Redis that all tests of one run share. nextest gives every test a process of
//! its own, so the first that needs them starts them under a lock, for as long as nextest itself lives.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{Kind, Port, parent_of, start};

/// Where the shared engines are.
#[derive(Debug)]
struct Shared {
    postgres: String,
    redis: String,
}

static SHARED: OnceLock<Shared> = OnceLock::new();

/// The shared PostgreSQL, as its superuser.
pub(crate) fn postgres_url() -> &'static str {
    &shared().postgres
}

/// The shared Redis. Give what you store there a [`fresh_prefix`].
pub fn redis_url() -> &'static str {
    &shared().redis
}

/// A prefix of Redis keys and channels that no other test has.
pub fn fresh_prefix() -> String {
    format!("t{}", uuid::Uuid::now_v7().simple())
}

/// Runs `make` once per test run, whichever process comes first; the others wait for it.
pub(crate) fn once_per_run(what: &str, make: impl FnOnce(&Path) + Send) {
    let dir = folder(&run());
    let lock = fs::File::create(dir.join(format!("{what}.lock"))).expect("a lock file can be made");
    lock.lock().expect("a lock file can be locked");
    let done = dir.join(format!("{what}.done"));
    if !done.exists() {
        make(&dir);
        fs::write(done, "").expect("a file can be written");
    }
}

fn shared() -> &'static Shared {
    SHARED.get_or_init(|| {
        once_per_run("engines", start_both);
        let dir = folder(&run());
        Shared { postgres: read_url(&dir, Kind::Postgres), redis: read_url(&dir, Kind::Redis) }
    })
}

fn start_both(run_dir: &Path) {
    let run = run();
    std::thread::scope(|both| {
        for kind in [Kind::Postgres, Kind::Redis] {
            let run = &run;
            both.spawn(move || {
                let dir = run_dir.join(kind.name());
                fs::create_dir_all(&dir).expect("a folder for a shared engine");
                let port = Port::reserve();
                let mut guard = start(kind, run.owner, &dir, port.number(), true);
                std::thread::spawn(move || guard.wait()); // it outlives this process
                fs::write(run_dir.join(format!("{}.url", kind.name())), kind.url(port.number()))
                    .expect("a file can be written");
            });
        }
    });
}

fn read_url(dir: &Path, kind: Kind) -> String {
    fs::read_to_string(dir.join(format!("{}.url", kind.name()))).expect("the engines were started")
}

/// A test run: its name and the process whose end is the run's end.
struct Run {
    name: String,
    owner: u32,
}

/// Under nextest the run is nextest's; else (`cargo test`, a debugger) this process is the whole run.
fn run() -> Run {
    let me = std::process::id();
    #[expect(clippy::disallowed_methods, reason = "nextest names its run in the environment")]
    match (std::env::var("NEXTEST_RUN_ID"), parent_of(me)) {
        (Ok(name), Some(owner)) => Run { name, owner },
        _ => Run { name: format!("pid-{me}"), owner: me },
    }
}

fn folder(run: &Run) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("ninja-test-{}-{}", run.name, run.owner));
    fs::create_dir_all(&dir).expect("a folder for the test run");
    dir
}
