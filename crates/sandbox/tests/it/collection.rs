//! What a program cannot get out of a workspace, or leave in it, however it tries.

use std::io::Read;

use ninja_sandbox::{Cause, Skip};

use crate::cage::{MIB, eventually};
use crate::victim::{CANARY, Victim};

in_every_tier! {
    async fn folders_that_are_swapped_during_collection_show_nothing_from_outside(cage: &Cage) {
        // 24
        let mut spec = cage.python_spec(include_str!("attackers/swap_folders.py")).await;
        let victim = Victim::of(&spec.workspace);
        let folder = victim.folder.path().to_string_lossy().into_owned();
        spec.env.insert("OUTSIDE".to_owned(), folder);
        let workspace = spec.workspace.clone();
        // It swaps until it sees the file that is put when enough was collected.
        let look = tokio::task::spawn_blocking(move || {
            let (mut files, mut links) = (0, 0);
            while links < 20 || files < 20 {
                let collected = workspace.collect().unwrap();
                for mut file in collected.files {
                    let mut text = String::new();
                    file.file.read_to_string(&mut text).unwrap();
                    assert!(!text.contains(CANARY), "{}", file.path);
                    files += usize::from(file.path.starts_with("swapped/"));
                }
                links += collected.skipped.iter().filter(|s| s.reason == Skip::Symlink).count();
            }
            crate::cage::put(&workspace, "enough", "");
        });
        let (outcome, looked) = tokio::join!(cage.run(spec), look);
        looked.unwrap();
        assert!(outcome.as_ref().unwrap().success(), "{outcome:?}");
        drop(victim);
    }

    async fn what_is_no_plain_file_stays_behind(cage: &Cage) {
        // 25
        let source = "mkfifo pipe; mknod device c 1 5; echo x > one; ln one two\n\
                      ln -s /proc/self/root root; ln -s . itself; ln -s /etc/passwd absolute\n\
                      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'\n\
                      touch \"$(printf 'bad\\377')\"; true\n";
        let spec = cage.bash_spec(source).await;
        let workspace = spec.workspace.clone();
        let outcome = cage.run(spec).await.unwrap();
        assert!(outcome.success() && outcome.stderr.text().contains("device"), "{outcome:?}");
        let collected = workspace.collect().unwrap();
        assert_eq!(collected.files.len(), 1);
        let mut skipped: Vec<_> =
            collected.skipped.iter().map(|s| (s.path_lossy.as_str(), s.reason)).collect();
        if cage.either(true, false) {
            let socket = skipped.iter().position(|(path, _)| *path == "socket").unwrap();
            assert_eq!(skipped.remove(socket).1, Skip::Special);
        }
        let expected = [
            ("absolute", Skip::Symlink),
            ("bad\u{fffd}", Skip::BadName),
            ("itself", Skip::Symlink),
            ("one", Skip::Hardlink),
            ("pipe", Skip::Special),
            ("root", Skip::Symlink),
            ("two", Skip::Hardlink),
        ];
        assert_eq!(skipped, expected);
    }

    async fn a_file_of_holes_is_as_big_as_it_says(cage: &Cage) {
        // 25
        let source = "import os, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n\
                      os.truncate(os.open('holes', os.O_CREAT | os.O_WRONLY), 1 << 40)\n";
        let mut spec = cage.python_spec(source).await;
        spec.limits.file_bytes = MIB;
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!(outcome.killed, Some(Cause::FileSize), "{outcome:?}");
    }

    async fn folders_too_deep_to_look_into_end_the_run_and_are_removed(cage: &Cage) {
        // 45
        let source = "import os\nfor _ in range(10_000):\n os.mkdir('d')\n os.chdir('d')\n";
        let mut spec = cage.python_spec(source).await;
        spec.limits.disk.inodes = 100_000;
        let (workspace, path) = (spec.workspace.clone(), spec.workspace.path().to_owned());
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!(outcome.killed, Some(Cause::Inodes), "{outcome:?}");
        let collected = workspace.collect().unwrap();
        assert_eq!(collected.files.len(), 1);
        assert_eq!(collected.skipped.first().map(|skip| skip.reason), Some(Skip::TooDeep));
        drop(workspace);
        assert!(eventually(std::time::Duration::from_secs(20), || !path.exists()));
    }
}
