//! What a run is: its environment, its user, what it cannot become.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::{fs, thread};

use crate::victim::CANARY;

in_every_tier! {
    async fn the_environment_of_a_run_holds_nothing_of_the_workers(cage: &Cage) {
        // 3
        let said = cage.python_spec("import os\nprint(*sorted(os.environ), sep='\\n')").await;
        let outcome = cage.run(said).await.unwrap();
        let expected = "CARGO_HOME GO111MODULE GOCACHE GOFLAGS GOMAXPROCS GOMEMLIMIT GOPATH GOTOOLCHAIN \
                        HOME LANG MPLCONFIGDIR PATH PYTHONDONTWRITEBYTECODE TMPDIR \
                    XDG_CACHE_HOME npm_config_cache";
        let names = outcome.stdout.text();
        // Python itself sets LC_CTYPE when it coerces the locale.
        let names: Vec<&str> = names.lines().filter(|name| *name != "LC_CTYPE").collect();
        assert_eq!(names.join(" "), expected);
    }

    async fn setuid_bits_and_file_capabilities_gain_nothing(cage: &Cage) {
        // 26
        let said = cage.attempts("become_root").await;
        let none = "0000000000000000 ".repeat(4);
        // In its user namespace there is no other user; outside there are, and it is none of them.
        let unknown = cage.either("EINVAL", "EPERM");
        let expected = format!(
            "26:chmod EPERM\n26:chmod_group EPERM\n26:fchmod EPERM\n26:capability EPERM\n\
             26:setuid {unknown}\n26:setgroups EPERM\n26:chown {unknown}\nnot root\n1 2 {}\n",
            none.trim_end()
        );
        assert_eq!(said, expected);
    }

    async fn helpers_carry_no_secret_in_their_arguments_or_environment(cage: &Cage) {
        // 43
        let helper = fs::canonicalize(crate::restricted::helper()).unwrap();
        let over = AtomicBool::new(false);
        let seen = thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut seen = Vec::new();
                while !over.load(Relaxed) {
                    for entry in fs::read_dir("/proc").unwrap().flatten() {
                        let at = entry.path();
                        let is_helper = || fs::read_link(at.join("exe")).is_ok_and(|exe| exe == helper);
                        // Of this process only: other tests run helpers of their own.
                        if !is_helper() || !ours(&at.to_string_lossy()) {
                            continue;
                        }
                        let words = fs::read(at.join("cmdline")).unwrap_or_default();
                        let environment = fs::read(at.join("environ")).unwrap_or_default();
                        // Asked again: meanwhile it may have become the program, which shows its own.
                        if is_helper() {
                            seen.push((words, environment));
                        }
                    }
                }
                seen
            });
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    for _ in 0..34 {
                        let mut spec = cage.spec(&["true", CANARY]).await;
                        spec.env.insert("SECRET".to_owned(), CANARY.to_owned());
                        spec.stdin = CANARY.into();
                        assert!(cage.run(spec).await.unwrap().success());
                    }
                });
            });
            over.store(true, Relaxed);
            watcher.join().unwrap()
        });
        assert!(seen.len() > 10, "only {} looks met a helper", seen.len());
        for (words, environment) in seen {
            // Between its fork and its exec a child still shows its parent; a helper that ends, nothing.
            assert!(words == b"ninja-sandbox\0" || words.is_empty(), "{words:?}");
            assert!(environment.is_empty(), "{}", String::from_utf8_lossy(&environment));
        }
    }
}

/// The process is a descendant of this one.
fn ours(at: &str) -> bool {
    let mut at = at.to_owned();
    loop {
        let Ok(status) = fs::read_to_string(format!("{at}/status")) else { return false };
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:\t")).unwrap_or("0");
        match parent {
            "0" | "1" => return false,
            mine if mine == std::process::id().to_string() => return true,
            other => at = format!("/proc/{other}"),
        }
    }
}
