//! Calls into the kernel that no program of a run needs.
#![cfg(target_arch = "x86_64")]

use ninja_sandbox::End;

use crate::cage::Cage;

const LIBC: &str = include_str!("attackers/libc.py");

#[tokio::test]
async fn calls_outside_the_list_are_refused_whatever_their_arguments() {
    // 17, 18, 27, 28, 29, 31 (x32), 32, 33
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let source = format!("{LIBC}\n{}", include_str!("attackers/kernel.py"));
    let said = cage.attempts(spec, &source).await;
    let (calls, writes): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| !line.starts_with("write "));
    let passed: Vec<_> = calls.iter().filter(|line| !line.ends_with(" EPERM")).collect();
    assert!(passed.is_empty(), "{passed:?}");
    assert_eq!((calls.len(), writes.len()), (65, 3));
    assert_eq!(writes, ["write EACCES"; 3]);
}

#[tokio::test]
async fn a_new_call_that_is_not_there_lets_threads_start() {
    // 30
    let cage = Cage::new();
    let source = format!(
        "{LIBC}\nimport threading\ncall('clone3', 435, 0, 0)\ncall('fchmodat2', 452, -100, b'x', 0, 0)\n\
         thread = threading.Thread(target=print, args=('thread',))\nthread.start()\nthread.join()\n"
    );
    let spec = cage.spec(&["python3", "main.py"]).await;
    assert_eq!(cage.attempts(spec, &source).await, "clone3 ENOSYS\nfchmodat2 ENOSYS\nthread\n");
}

#[tokio::test]
async fn a_call_by_the_door_of_another_architecture_kills() {
    // 31
    let cage = Cage::new();
    let source = "int main(void) { int pid; __asm__ volatile(\"int $0x80\" : \"=a\"(pid) : \"a\"(20));\n\
                  return 0; }\n";
    let outcome = cage.run(cage.c_spec(source).await).await.unwrap();
    assert_eq!(outcome.end, End::Signalled(31));
}

#[tokio::test]
async fn a_crash_leaves_no_core() {
    // 44
    let cage = Cage::new();
    let spec = cage.python_spec("import os\nos.abort()\n").await;
    let workspace = spec.workspace.clone();
    assert_eq!(cage.run(spec).await.unwrap().end, End::Signalled(6));
    assert_eq!(workspace.collect().unwrap().files.len(), 1);
}
