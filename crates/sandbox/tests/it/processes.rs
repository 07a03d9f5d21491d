//! A run cannot touch processes that are not its own.

use futures_util::future::join_all;
use serde_json::json;

use crate::cage::{Cage, mark, marked, put};
use crate::victim::Victim;

const LIBC: &str = include_str!("attackers/libc.py");

#[tokio::test]
async fn other_processes_can_be_neither_traced_nor_read() {
    // 9
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let victim = Victim::of(&spec.workspace);
    let worker = std::process::id();
    let source = format!(
        r#"{LIBC}
import platform
assert platform.machine() == "x86_64"
for pid in [{worker}, {victim}, 1]:
    call("ptrace_attach", 101, 16, pid, 0, 0)
    call("ptrace_seize", 101, 0x4206, pid, 0, 0)
    call("process_vm_readv", 310, pid, 0, 0, 0, 0, 0)
    call("process_vm_writev", 311, pid, 0, 0, 0, 0, 0)
    call("pidfd_getfd", 438, pid, 0, 0)
    call("kcmp", 312, pid, pid, 0, 0, 0)
call("ptrace_traceme", 101, 0, 0, 0, 0)
"#,
        victim = victim.at["pid"]
    );
    let said = cage.attempts(spec, &source).await;
    assert!(said.lines().all(|line| line.ends_with(" EPERM")), "{said}");
    assert_eq!(said.lines().count(), 19);
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn no_signal_reaches_a_process_outside() {
    // 10
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let victim = Victim::of(&spec.workspace);
    let worker = std::process::id();
    let source = format!(
        r#"{LIBC}
import fcntl, socket
for pid in [{worker}, {victim}]:
    attempt("kill", lambda: os.kill(pid, signal.SIGUSR1))
    attempt("killpg", lambda: os.killpg(pid, signal.SIGUSR1))
    call("tgkill", 234, pid, pid, signal.SIGUSR1)
    call("rt_sigqueueinfo", 129, pid, signal.SIGUSR1, ctypes.create_string_buffer(128))
    call("pidfd_open", 434, pid, 0)
    ours, theirs = socket.socketpair()
    attempt("f_setown", lambda: fcntl.fcntl(ours, fcntl.F_SETOWN, pid))
    fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    theirs.send(b"x")
"#,
        victim = victim.at["pid"]
    );
    let said = cage.attempts(spec, &source).await;
    let refused = |line: &str| line.ends_with(" ESRCH") || line.ends_with(" EPERM");
    assert!(said.lines().all(refused), "{said}");
    assert_eq!(said.lines().count(), 12);
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn killing_everybody_kills_only_the_own_tree() {
    // 11
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let victim = Victim::of(&spec.workspace);
    let source = r#"
import signal, subprocess
child = subprocess.Popen(["sleep", "60"])
os.kill(-1, signal.SIGKILL)
print("child", child.wait())
attempt("init", lambda: os.kill(1, signal.SIGKILL))
print("still here")
"#;
    let said = cage.attempts(spec, source).await;
    assert_eq!(said, "child -9\ninit SUCCEEDED\nstill here\n");
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn two_runs_of_one_user_cannot_see_or_kill_each_other() {
    // 12
    let cage = Cage::new();
    let mut one = cage.spec(&["python3", "attack.py", "one", "two"]).await;
    one.env.insert("SECRET".to_owned(), "canary".to_owned());
    let mut two = one.clone();
    two.argv[2..].reverse();
    // Each tells that it is there, waits for the other, attacks, tells that it is done, and waits
    // until the other has attacked too.
    let source = r#"
import os, pathlib, signal, sys, time
me, other = sys.argv[1:]
def meet(word):
    pathlib.Path(f"{me}.{word}").touch()
    while not pathlib.Path(f"{other}.{word}").exists():
        time.sleep(0.01)
meet("here")
found = set()
for pid in range(1, 5000):
    if pid in (os.getpid(), 1):
        continue
    for act in (lambda: os.kill(pid, signal.SIGKILL), lambda: open(f"/proc/{pid}/environ").read(),
                lambda: open(f"/proc/{pid}/mem", "r+b")):
        try:
            act()
            found.add(pid)
        except OSError:
            pass
meet("done")
print(me, sorted(found))
"#;
    put(&one.workspace, "attack.py", source);
    let (one, two) = tokio::join!(cage.run(one), cage.run(two));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.stdout.text().as_str(), one.success()), ("one []\n", true));
    assert_eq!((two.stdout.text().as_str(), two.success()), ("two []\n", true));
}

#[tokio::test]
async fn forty_runs_at_once_end_with_their_own_output_and_leave_nothing() {
    let cage = Cage::new();
    let marks = async |number: usize| {
        let mut spec = cage.bash_spec(&format!("echo {number} > file; sleep 60 & cat file")).await;
        let (mark, workspace) = (mark(&mut spec), spec.workspace.clone());
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!((outcome.stdout.text(), outcome.success()), (format!("{number}\n"), true));
        assert_eq!(workspace.collect().unwrap().files.len(), 2);
        mark
    };
    for mark in join_all((0..40).map(marks)).await {
        assert_eq!(marked(&mark), Vec::<String>::new());
    }
}
