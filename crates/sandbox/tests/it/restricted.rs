//! Runs a test once more as a container would run it: see `examples/restricted`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const INSIDE: &str = "NINJA_TEST_RESTRICTED";
const WORKER: &str = "NINJA_TEST_WORKER";
const HELPER: &str = env!("CARGO_BIN_EXE_ninja-sandbox");

/// This process is the restricted one.
pub(crate) fn inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// The helper program of this build, where this process's user can execute it.
pub(crate) fn helper() -> PathBuf {
    std::env::var_os(INSIDE).map_or_else(|| HELPER.into(), PathBuf::from)
}

/// A program that runs one program as a worker would: see `examples/run.rs`.
pub(crate) fn worker() -> PathBuf {
    std::env::var_os(WORKER).map_or_else(|| example("run"), PathBuf::from)
}

fn example(name: &str) -> PathBuf {
    Path::new(HELPER).with_file_name("examples").join(name)
}

/// The test `name` in a process that has no rights. A user for each, so that they do not share counts.
pub(crate) fn again(name: &str) {
    let (_crate, name) = name.split_once("::").unwrap();
    let me = std::env::current_exe().unwrap();
    let output = start(&[], &me, &["--exact", name, "--nocapture"], &[]);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{errors}");
}

/// Runs a program restricted; it finds the helper under the name in its environment.
pub(crate) fn start(
    flags: &[&str],
    program: &Path,
    arguments: &[&str],
    more: &[(&str, &Path)],
) -> Output {
    let uid = (100_000 + std::process::id()).to_string();
    let mut command = Command::new(staged(&example("restricted")));
    command.arg(uid).args(flags).arg(staged(program)).args(arguments);
    command.env(INSIDE, staged(Path::new(HELPER))).env(WORKER, staged(&example("run")));
    command.envs(more.iter().copied()).current_dir("/").output().unwrap()
}

/// The helper where everybody can execute it.
pub(crate) fn staged_helper() -> PathBuf {
    staged(Path::new(HELPER))
}

/// A copy in a folder that everybody can pass, which the folder of a build need not be.
fn staged(program: &Path) -> PathBuf {
    let facts = fs::metadata(program).unwrap();
    let name = program.file_name().unwrap().to_string_lossy();
    let copy = shared().join(format!("{name}-{}-{}", facts.mtime(), facts.mtime_nsec()));
    if !copy.exists() {
        // Older builds of the same program go. Others may do the same at the same time.
        for old in fs::read_dir(shared()).unwrap().flatten() {
            if old.file_name().to_string_lossy().starts_with(&format!("{name}-")) {
                let _another_was_faster = fs::remove_file(old.path());
            }
        }
        let draft = shared().join(format!("draft-{}-{name}", std::process::id()));
        fs::copy(program, &draft).unwrap();
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(draft, &copy).unwrap();
    }
    copy
}

/// What one test has found out about languages: not every one compiles in every language. An ordinary
/// user reads it and cannot add to it.
pub(crate) fn known_languages() -> PathBuf {
    shared().join("languages.json")
}

/// What tests of one build share.
fn shared() -> PathBuf {
    let folder = std::env::temp_dir().join("ninja-sandbox-tests");
    if !folder.exists() {
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}
