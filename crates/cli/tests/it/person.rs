use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Somebody with a home of their own who types commands.
pub(crate) struct Person {
    home: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("one JSON document on standard output")
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Person {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a home") }
    }

    /// A file at home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file at home.
    pub(crate) fn has(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file");
        path
    }

    /// Is logged in to `url` with an access token that ends in so many seconds.
    pub(crate) fn logged_in(&self, url: &str, access: &str, seconds: i64) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
        let expires_at = now.saturating_add_signed(seconds);
        let profile = json!({
            "api_url": url, "user": "ada@example.org", "access_token": access,
            "expires_at": expires_at, "refresh_token": "itr_first",
        });
        fs::create_dir_all(self.path(".config/ninja")).expect("a folder");
        self.has(".config/ninja/default.json", &profile.to_string());
    }

    /// The login as it lies in its file.
    pub(crate) fn login(&self) -> Option<Value> {
        let text = fs::read_to_string(self.path(".config/ninja/default.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Runs a command to its end.
    pub(crate) fn runs(&self, args: &[&str]) -> Ended {
        self.starts(args).wait_with_output().expect("an end").into()
    }

    /// Runs a command with variables of the environment.
    pub(crate) fn runs_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Ended {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        command.output().expect("an end").into()
    }

    /// Runs a command that reads `input`.
    pub(crate) fn types(&self, input: &str, variables: &[(&str, &str)], args: &[&str]) -> Ended {
        let mut command = self.command(args);
        let mut child = command
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .expect("ninjactl");
        // A command that refuses early reads nothing.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        child.wait_with_output().expect("an end").into()
    }

    /// Starts a command.
    pub(crate) fn starts(&self, args: &[&str]) -> Child {
        self.command(args).spawn().expect("ninjactl")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_ninjactl")));
        command.args(args).env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}
