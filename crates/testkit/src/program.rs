use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::Signal;

use crate::{engine::signal, patience::until};

/// How long a program may take until it serves, on a machine that is busy with other tests.
const READY: Duration = Duration::from_mins(3);

/// One of the product's real programs as a process, killed when this value is dropped.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    path: PathBuf,
    pairs: Vec<(String, String)>,
    url: String,
    log: PathBuf,
    child: Option<Child>,
}

impl Program {
    /// Starts the program with these settings and nothing else of our environment; `url` is where it
    /// will serve.
    pub(crate) fn start(
        name: &'static str,
        pairs: Vec<(String, String)>,
        url: String,
        log: PathBuf,
    ) -> Self {
        let path = binary(name);
        let mut program = Self { name, path, pairs, url, log, child: None };
        program.spawn();
        program
    }

    fn spawn(&mut self) {
        assert!(self.child.is_none(), "{} runs already", self.name);
        let log = fs::File::options().append(true).create(true).open(&self.log);
        let log = log.expect("a log file can be made");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .env("PATH", path)
            .envs(self.pairs.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be copied"))
            .stderr(log);
        let child = command.spawn().expect("the program starts");
        self.child = Some(child);
    }

    /// Waits until it says that it is ready to serve.
    pub async fn ready(&mut self) {
        let http = crate::http();
        let readyz = format!("{}/readyz", self.url);
        let end = tokio::time::Instant::now() + READY;
        let mut pause = tokio::time::interval(Duration::from_millis(25));
        loop {
            pause.tick().await;
            let answer = http.get(&readyz).timeout(Duration::from_secs(2)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let ended =
                self.child.as_mut().is_none_or(|child| child.try_wait().is_ok_and(|s| s.is_some()));
            if ended || tokio::time::Instant::now() > end {
                let how = if ended { "ended" } else { "was not ready in time" };
                panic!("{} {how}; its log:\n{}", self.name, self.log());
            }
        }
    }

    /// Where it serves, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the program was started").id()
    }

    /// Everything that it printed until now, earlier starts included.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Asks it to drain and end; a second one asks it to hurry.
    pub fn sigterm(&self) {
        signal(self.pid(), Signal::TERM);
    }

    /// Lets it hang without dying, as a paused virtual machine would.
    pub fn sigstop(&self) {
        signal(self.pid(), Signal::STOP);
    }

    /// Ends [`Program::sigstop`].
    pub fn sigcont(&self) {
        signal(self.pid(), Signal::CONT);
    }

    /// Kills it and waits until it is gone.
    pub fn sigkill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child can be killed");
            child.wait().expect("a child can be waited for");
        }
    }

    /// Waits until it ended by itself.
    pub async fn exited(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the program was started");
        until(Duration::from_mins(2), || child.try_wait().expect("a child can be asked"))
            .await
            .unwrap_or_else(|| panic!("{} does not end; its log:\n{}", self.name, self.log()))
    }

    /// Starts it after it ended, with the same settings and the same address.
    pub async fn start_again(&mut self) {
        self.spawn();
        self.ready().await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.sigkill();
        if std::thread::panicking() {
            let mut text = self.log();
            let from = text.len().saturating_sub(20_000);
            let from = (from..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.drain(..from);
            #[expect(clippy::print_stderr, reason = "what a failed test shows")]
            {
                eprintln!("--- log of {} ---\n{text}", self.name);
            }
        }
    }
}

/// The binary beside the test's own: cargo builds both into one folder.
pub(crate) fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let beside = test.ancestors().nth(2).map(|profile| profile.join(name));
    let path = beside.filter(|path| Path::exists(path));
    path.unwrap_or_else(|| panic!("{name} is not built: run `cargo build --bins` first"))
}
