//! A process outside the sandbox, of the same user as the run, that must notice nothing.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ninja_sandbox::Workspace;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const CANARY: &str = "canary-7f3a9c";

pub(crate) struct Victim {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// Where it can be reached: `pid tcp udp path abstract`.
    pub(crate) at: Value,
    /// Holds `world` and `own`, readable for the run's user.
    pub(crate) folder: TempDir,
}

impl Victim {
    pub(crate) fn of(workspace: &Workspace) -> Self {
        Self::of_user(fs::metadata(workspace.path()).unwrap().uid())
    }

    pub(crate) fn of_user(uid: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        for (name, mode, owner) in [("world", 0o666, None), ("own", 0o600, Some(uid))] {
            let file = folder.path().join(name);
            fs::write(&file, CANARY).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            std::os::unix::fs::chown(&file, owner, owner).unwrap();
        }
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        fs::write(secrets.join("token"), CANARY).unwrap();
        let mut command = Command::new("/usr/bin/python3");
        command.arg("-c").arg(include_str!("attackers/victim.py")).arg(folder.path());
        command.env("CANARY", CANARY).stdin(Stdio::piped()).stdout(Stdio::piped());
        if uid != 0 && fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(uid).gid(uid);
        }
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let at = line(&mut stdout);
        Self { stdin: child.stdin.take(), child, stdout, at, folder }
    }

    /// What reached it. It must still be alive to say so.
    pub(crate) fn reached(mut self) -> Value {
        drop(self.stdin.take());
        let reached = line(&mut self.stdout);
        assert!(self.child.wait().unwrap().success());
        reached
    }
}

fn line(from: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    serde_json::from_str(&line).expect("the victim is alive")
}
