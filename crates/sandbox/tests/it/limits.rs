//! Time and disk.

use ninja_sandbox::{Cause, DiskLimits, End, Limits, RunError};

use crate::cage::{Cage, MIB};

#[tokio::test]
async fn one_file_that_grows_too_big_ends_the_run() {
    // 20, first half
    let cage = Cage::new();
    let source = "#include <stdio.h>\nint main(void) { FILE *f = fopen(\"big\", \"w\");\n\
                  for (;;) fputs(\"0123456789abcdef\", f); }\n";
    let mut spec = cage.c_spec(source).await;
    spec.limits.file_bytes = MIB;
    let outcome = cage.run(spec).await.unwrap();
    assert_eq!(outcome.killed, Some(Cause::FileSize), "{outcome:?}");
}

#[tokio::test]
async fn many_files_and_unlinked_open_files_count_for_the_disk() {
    // 20, second half
    let cage = Cage::new();
    let named = "import itertools, time\nfor n in itertools.count():\n \
                 open(f'f{n}', 'wb').write(b'x' * 1000000)\n time.sleep(0.01)\n";
    let unlinked = "import os, time\nopen_files = []\nwhile True:\n f = open('f', 'wb')\n \
                    os.unlink('f')\n f.write(b'x' * 1000000)\n f.flush()\n open_files.append(f)\n \
                    time.sleep(0.01)\n";
    for source in [named, unlinked] {
        let mut spec = cage.python_spec(source).await;
        spec.limits.disk.bytes = 8 * MIB;
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!(outcome.killed, Some(Cause::Disk), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_workspace_holds_no_more_entries_than_allowed() {
    // 21
    let cage = Cage::new();
    let source = "import itertools\nfor n in itertools.count(): open(f'f{n}', 'w').close()\n";
    let mut spec = cage.python_spec(source).await;
    spec.limits.disk = DiskLimits { inodes: 500, ..spec.limits.disk };
    let outcome = cage.run(spec).await.unwrap();
    assert_eq!(outcome.killed, Some(Cause::Inodes), "{outcome:?}");
}

#[tokio::test]
async fn a_program_that_ignores_sigterm_ends_with_its_wall_time() {
    // 37, first half
    let cage = Cage::new();
    let spin = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass\n";
    let sleep =
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)\n";
    for source in [spin, sleep] {
        let mut spec = cage.python_spec(source).await;
        spec.limits.wall_ms = 700;
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!(outcome.killed, Some(Cause::WallTime));
        assert_eq!(outcome.end, End::Signalled(9));
        assert!((700..1700).contains(&outcome.usage.wall_ms), "{:?}", outcome.usage);
    }
}

#[tokio::test]
async fn threads_that_compute_share_one_cpu_time() {
    // 37, second half
    let cage = Cage::new();
    let source = "#include <pthread.h>\nvolatile int on = 1;\n\
                  void *spin(void *p) { while (on) ; return p; }\n\
                  int main(void) { pthread_t t[4]; for (int i = 0; i < 4; i++)\n\
                  pthread_create(&t[i], 0, spin, 0); pthread_join(t[0], 0); return 0; }\n";
    let mut spec = cage.c_spec(source).await;
    spec.limits = Limits { cpu_s: 1, ..spec.limits };
    let outcome = cage.run(spec).await.unwrap();
    assert_eq!(outcome.killed, Some(Cause::CpuTime), "{outcome:?}");
}

#[tokio::test]
async fn a_limit_above_the_most_is_an_error_and_nothing_runs() {
    let cage = Cage::new();
    let mut spec = cage.spec(&["touch", "ran"]).await;
    let workspace = spec.workspace.clone();
    spec.limits.wall_ms = 700_000;
    let error = cage.run(spec).await.unwrap_err();
    assert!(matches!(error, RunError::Spec(_)));
    let said = "the run's specification is wrong: limit wall_ms is 700000; it must be 1 to 600000";
    assert_eq!(error.to_string(), said);
    assert!(workspace.collect().unwrap().files.is_empty());
}
