//! The control: the attacks without any cage. If they failed here too, the suite would be blind.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::attacks::{ATTACKS, knowledge, program};
use crate::cage::home;
use crate::tiers::skipped;
use crate::victim::{CANARY, Victim};

/// The lines of one attack that succeeded: what it says, and what its victim says.
fn successes(name: &str, uid: u32) -> Vec<String> {
    let (home, other) = (home(), home());
    let at = |folder: &tempfile::TempDir| folder.path().to_string_lossy().into_owned();
    let victim = Victim::of_user(uid);
    for folder in [&home, &other] {
        chown(folder.path(), Some(uid), Some(uid)).unwrap();
    }
    fs::write(home.path().join("main.py"), program(name)).unwrap();
    let mut attacker = Command::new("/usr/bin/python3")
        .arg("main.py")
        .current_dir(home.path())
        // Nothing but another user than that of this test, so that nobody else comes to harm, and a
        // group of its own, to be ended with.
        .uid(uid)
        .gid(uid)
        .process_group(0)
        .env("AT", knowledge(&victim, &at(&other), &at(&other)))
        .env("SECRET", CANARY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let mut lines = BufReader::new(attacker.stdout.take().unwrap());
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).unwrap() > 0 && line != b".\n" {
        said.push(String::from_utf8_lossy(&line).trim().to_owned());
        line.clear();
    }
    let _ended = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(&attacker),
        rustix::process::Signal::KILL,
    );
    attacker.wait().unwrap();
    said.retain(|line| line.ends_with(" SUCCEEDED"));
    said
}

#[test]
fn without_a_cage_the_attacks_succeed() {
    if !rustix::process::geteuid().is_root() {
        return skipped("control", "only root can give the attackers a user of their own");
    }
    let uid = 20_000_000 + std::process::id();
    let mut succeeded = BTreeSet::new();
    for (name, _) in ATTACKS {
        succeeded.extend(successes(name, uid));
    }
    assert!(succeeded.len() >= 30, "{} {succeeded:?}", succeeded.len());
    // By the numbers of the list, and not only many of one kind.
    let numbers: BTreeSet<&str> =
        succeeded.iter().filter_map(|line| Some(line.split_once(':')?.0)).collect();
    assert!(numbers.len() >= 20, "{numbers:?}");
}
