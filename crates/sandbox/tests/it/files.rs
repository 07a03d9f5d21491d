//! What a run can read and write.

use crate::victim::CANARY;

/// The errors of all lines, without their names.
fn answers(said: &str) -> impl Iterator<Item = &str> {
    said.lines().filter_map(|line| line.rsplit(' ').next())
}

in_every_tier! {
    async fn files_outside_cannot_be_read_directly_or_by_symlink(cage: &Cage) {
        // 1, 42
        let said = cage.attempts("read_files").await;
        let expected = cage.either("ENOENT", "EACCES");
        assert!(answers(&said).all(|answer| answer == expected), "{said}");
        assert_eq!(said.lines().count(), 13);
    }

    async fn no_other_process_can_be_looked_into(cage: &Cage) {
        // 2
        let said = cage.attempts("look_into_processes").await;
        let (others, said) = said.split_once('\n').unwrap();
        // The first process of the run is the only other one, and it is closed.
        assert_eq!(others == "['1']", cage.either(true, false), "{others}");
        assert!(!said.contains(CANARY), "{said}");
        let refused = |answer| ["EACCES", "ENOENT", "EPERM", "ESRCH"].contains(&answer);
        // Numbers of open files, not the files: a leak that its report names.
        let known = |line: &str| line == cage.either("", "2:fd SUCCEEDED");
        let open = said.lines().filter(|line| !answers(line).all(refused) && !known(line));
        let open: Vec<&str> = open.collect();
        assert!(open.is_empty(), "{open:?}");
        assert!(said.lines().count() >= 27);
    }

    async fn nothing_outside_the_workspace_can_be_written_or_linked(cage: &Cage) {
        // 4
        let said = cage.attempts("write_files").await;
        let refused =
            |answer| ["EROFS", "ENOENT", "EACCES", "EXDEV", "EBUSY", "EPERM"].contains(&answer);
        assert!(answers(&said).all(refused), "{said}");
        assert_eq!(said.lines().count(), 31);
    }

    async fn a_program_has_three_open_descriptors(cage: &Cage) {
        // 39
        let spec = cage.c_spec(
            "#include <stdio.h>\n#include <fcntl.h>\nint main(void) {\n\
             for (int fd = 0; fd < 4096; fd++) if (fcntl(fd, F_GETFD) != -1) printf(\"%d \", fd);\n\
             return 0; }\n",
        );
        let outcome = cage.run(spec.await).await.unwrap();
        assert_eq!(outcome.stdout.text(), "0 1 2 ");
    }

    async fn what_a_tier_cannot_hide_is_in_its_report(cage: &Cage) {
        let said = cage.said("attempt('stat', lambda: os.stat('/etc/shadow'))\n").await;
        assert_eq!(said, cage.either("stat ENOENT\n", "stat SUCCEEDED\n"));
        let leaks = cage.sandbox.report().leaks.join("; ");
        for leak in ["by stat", "have open", "command lines"] {
            assert_eq!(leaks.contains(leak), cage.either(false, true), "{leaks}");
        }
        let shared = cage.sandbox.report().degraded.iter().any(|layer| layer.starts_with("own_uid"));
        assert_eq!(leaks.contains("can be changed"), cage.either(false, shared), "{leaks}");
    }
}
