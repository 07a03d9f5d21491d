//! One test, three places: the namespaces, the landlock tier, and the landlock tier as an ordinary user
//! under the filter of a container.

use std::process::Command;

use ninja_sandbox::Tier;

use crate::cage::Cage;
use crate::restricted;

/// Where a test runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Ns,
    Landlock,
    Restricted,
}

impl Place {
    pub(crate) fn tier(self) -> Tier {
        match self {
            Self::Ns => Tier::Ns,
            Self::Landlock | Self::Restricted => Tier::Landlock,
        }
    }

    /// By another way than the sandbox's own, so that a broken tier is not taken for a missing one.
    fn is_there(self) -> bool {
        match self {
            Self::Ns => {
                let all =
                    ["--user", "--map-current-user", "--mount", "--pid", "--fork", "--net", "true"];
                Command::new("unshare").args(all).status().is_ok_and(|status| status.success())
            }
            Self::Landlock => landlock_abi() >= 6,
            // Only root can become somebody without any rights.
            Self::Restricted => landlock_abi() >= 6 && rustix::process::geteuid().is_root(),
        }
    }
}

fn landlock_abi() -> i64 {
    let code = "import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))";
    let said = Command::new("/usr/bin/python3").args(["-c", code]).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().parse().unwrap()
}

/// Runs `test`, whose full name is `name`, in its place. A place that this host lacks is skipped, and
/// said; where `CI` is set it fails instead, as a machine for tests has them all.
pub(crate) fn run(place: Place, name: &str, test: &impl AsyncFn(&Cage)) {
    if restricted::inside() || place != Place::Restricted && place.is_there() {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async { test(&Cage::new(place)).await });
    } else if place.is_there() {
        restricted::again(name);
    } else {
        assert!(std::env::var_os("CI").is_none(), "this host lacks {place:?}");
        skipped(name, &format!("this host lacks {place:?}"));
    }
}

#[expect(clippy::print_stderr, reason = "a test that did not run must not look as if it had")]
pub(crate) fn skipped(name: &str, why: &str) {
    eprintln!("SKIP {name}: {why}");
}

/// Each function gets a module of its name, with a test per place.
macro_rules! in_every_tier {
    ($(async fn $name:ident($cage:ident: &Cage) $body:block)+) => { $(
        async fn $name($cage: &crate::cage::Cage) $body

        mod $name {
            use crate::tiers::{Place, run};

            #[test]
            fn ns() {
                run(Place::Ns, concat!(module_path!(), "::ns"), &super::$name);
            }

            #[test]
            fn landlock() {
                run(Place::Landlock, concat!(module_path!(), "::landlock"), &super::$name);
            }

            #[test]
            fn restricted() {
                run(Place::Restricted, concat!(module_path!(), "::restricted"), &super::$name);
            }
        }
    )+ };
}
