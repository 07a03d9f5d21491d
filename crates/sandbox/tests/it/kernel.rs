//! Calls into the kernel that no program of a run needs.
#![cfg(target_arch = "x86_64")]

use ninja_sandbox::End;

in_every_tier! {
    async fn calls_outside_the_list_are_refused_whatever_their_arguments(cage: &Cage) {
        // 17, 18, 27, 28, 29, 31 (x32), 32, 33
        let said = cage.attempts("call_kernel").await;
        let (calls, writes): (Vec<&str>, Vec<&str>) =
            said.lines().partition(|line| !line.starts_with("33:write "));
        let passed: Vec<_> = calls.iter().filter(|line| !line.ends_with(" EPERM")).collect();
        assert!(passed.is_empty(), "{passed:?}");
        assert_eq!((calls.len(), writes.len()), (65, 4));
        let refused = |line: &&str| line.ends_with(" EACCES") || line.ends_with(" ENOENT");
        assert!(writes.iter().all(refused), "{writes:?}");
    }

    async fn a_new_call_that_is_not_there_lets_threads_start(cage: &Cage) {
        // 30
        let said = cage.said(
            "import threading\ncall('clone3', 435, 0, 0)\ncall('fchmodat2', 452, -100, b'x', 0, 0)\n\
             thread = threading.Thread(target=print, args=('thread',))\nthread.start()\nthread.join()\n"
        );
        assert_eq!(said.await, "clone3 ENOSYS\nfchmodat2 ENOSYS\nthread\n");
    }

    async fn a_call_by_the_door_of_another_architecture_kills(cage: &Cage) {
        // 31
        let source = "int main(void) { int pid; __asm__ volatile(\"int $0x80\" : \"=a\"(pid) : \"a\"(20));\n\
                      return 0; }\n";
        let outcome = cage.run(cage.c_spec(source).await).await.unwrap();
        assert_eq!(outcome.end, End::Signalled(31));
    }

    async fn a_crash_leaves_no_core(cage: &Cage) {
        // 44
        let spec = cage.python_spec("import os\nos.abort()\n").await;
        let workspace = spec.workspace.clone();
        assert_eq!(cage.run(spec).await.unwrap().end, End::Signalled(6));
        assert_eq!(workspace.collect().unwrap().files.len(), 1);
    }

    async fn an_isolated_pair_of_sockets_works(cage: &Cage) {
        let said = cage.said(
            "import socket\na, b = socket.socketpair()\na.send(b'ping')\nprint(b.recv(4))\n",
        );
        assert_eq!(said.await, "b'ping'\n");
    }
}
