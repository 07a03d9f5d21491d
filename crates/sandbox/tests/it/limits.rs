//! Time and disk.

use ninja_sandbox::{Cause, DiskLimits, End, Limits, RunError};

use crate::cage::MIB;

in_every_tier! {
    async fn one_file_that_grows_too_big_ends_the_run(cage: &Cage) {
        // 20
        let outcome = cage.bomb("one_big_file", |spec| spec.limits.file_bytes = MIB).await;
        assert_eq!(outcome.killed, Some(Cause::FileSize), "{outcome:?}");
    }

    async fn many_files_and_files_without_names_count_for_the_disk(cage: &Cage) {
        // 20
        for name in ["many_files", "files_without_names", "files_that_cannot_be_seen"] {
            let outcome = cage.bomb(name, |spec| spec.limits.disk.bytes = 20 * MIB).await;
            assert_eq!(outcome.killed, Some(Cause::Disk), "{name}: {outcome:?}");
        }
    }

    async fn temporary_files_are_bounded(cage: &Cage) {
        // 19
        let (mut spec, victim) = cage.attack("fill_temporary").await;
        spec.limits.tmp_bytes = 8 * MIB;
        let outcome = cage.run(spec).await.unwrap();
        // In the namespaces both are in memory and the run's own; 16 MiB is the size of the first.
        let ns = "19:/dev/shm ENOSPC\n19:/tmp ENOSPC\n19:/var/tmp ENOENT\n";
        let landlock = "19:/dev/shm EACCES\n19:/tmp EACCES\n19:/var/tmp EACCES\n";
        assert_eq!(outcome.stdout.text(), cage.either(ns, landlock), "{outcome:?}");
        drop(victim);
        let more = "import os, tempfile\nheld = [tempfile.NamedTemporaryFile() for _ in range(40)]\n\
                    for file in held:\n file.write(b'x' * 1_000_000)\n file.flush()\n\
                    import time; time.sleep(10)\n";
        let mut spec = cage.python_spec(more).await;
        (spec.limits.tmp_bytes, spec.limits.disk.bytes) = (8 * MIB, 8 * MIB);
        let outcome = cage.run(spec).await.unwrap();
        assert!(!outcome.success());
        assert_eq!(outcome.killed, cage.either(None, Some(Cause::Disk)), "{outcome:?}");
    }

    async fn a_workspace_holds_no_more_entries_than_allowed(cage: &Cage) {
        // 21
        let outcome = cage.bomb("many_entries", |spec| {
            spec.limits.disk = DiskLimits { inodes: 500, ..spec.limits.disk };
        });
        let outcome = outcome.await;
        assert_eq!(outcome.killed, Some(Cause::Inodes), "{outcome:?}");
    }

    async fn a_program_that_ignores_sigterm_ends_with_its_wall_time(cage: &Cage) {
        // 37
        for tail in ["while True: pass\n", "time.sleep(60)\n"] {
            let ignore = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n";
            let mut spec = cage.python_spec(&format!("{ignore}{tail}")).await;
            spec.limits.wall_ms = 500;
            let outcome = cage.run(spec).await.unwrap();
            assert_eq!(outcome.killed, Some(Cause::WallTime));
            assert_eq!(outcome.end, End::Signalled(9));
            assert!((500..2000).contains(&outcome.usage.wall_ms), "{:?}", outcome.usage);
        }
    }

    async fn threads_that_compute_share_one_cpu_time(cage: &Cage) {
        // 37
        let source = "#include <pthread.h>\nvolatile int on = 1;\n\
                      void *spin(void *p) { while (on) ; return p; }\n\
                      int main(void) { pthread_t t[4]; for (int i = 0; i < 4; i++)\n\
                      pthread_create(&t[i], 0, spin, 0); pthread_join(t[0], 0); return 0; }\n";
        let mut spec = cage.c_spec(source).await;
        spec.limits = Limits { cpu_s: 1, ..spec.limits };
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!(outcome.killed, Some(Cause::CpuTime), "{outcome:?}");
    }

    async fn a_limit_above_the_most_is_an_error_and_nothing_runs(cage: &Cage) {
        let mut spec = cage.spec(&["touch", "ran"]).await;
        let workspace = spec.workspace.clone();
        spec.limits.wall_ms = 700_000;
        let error = cage.run(spec).await.unwrap_err();
        assert!(matches!(error, RunError::Spec(_)));
        let said = "the run's specification is wrong: limit wall_ms is 700000; it must be 1 to 600000";
        assert_eq!(error.to_string(), said);
        assert!(workspace.collect().unwrap().files.is_empty());
    }
}
