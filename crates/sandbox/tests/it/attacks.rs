//! The programs that attack, and what they are told about their victims.

use ninja_sandbox::{Outcome, RunSpec};
use serde_json::json;

use crate::cage::{Cage, put};
use crate::victim::Victim;

/// Goes before each.
const ATTEMPT: &str = include_str!("attackers/attempt.py");

macro_rules! attacks {
    ($($name:ident)*) => {
        /// Name and text of each attack that is a Python program.
        pub(crate) const ATTACKS: &[(&str, &str)] = &[
            $((stringify!($name), include_str!(concat!("attackers/", stringify!($name), ".py"))),)*
        ];
    };
}

attacks! {
    read_files look_into_processes write_files reach_sockets touch_processes kill_everybody
    bomb_of_forks bomb_of_heap bomb_of_children bomb_of_shared_memory bomb_that_cannot_be_read
    fill_temporary one_big_file many_files files_without_names files_that_cannot_be_seen many_entries
    flood become_root call_kernel leave_a_daemon
}

/// The whole program of an attack.
pub(crate) fn program(name: &str) -> String {
    let (_, text) = ATTACKS.iter().find(|(known, _)| *known == name).unwrap();
    format!("{ATTEMPT}\n{text}")
}

/// What an attacker knows: as if a friend outside had told it.
pub(crate) fn knowledge(victim: &Victim, home: &str, other: &str) -> String {
    let mut at = victim.at.clone();
    at["folder"] = json!(victim.folder.path());
    at["worker"] = json!(std::process::id());
    at["home"] = json!(home);
    at["other"] = json!(other);
    at.to_string()
}

impl Cage {
    /// An attack in a fresh workspace, and its victim, which is of the run's user.
    pub(crate) async fn attack(&self, name: &str) -> (RunSpec, Victim) {
        let mut spec = self.python_spec(&program(name)).await;
        let victim = Victim::of(&spec.workspace);
        let other = self.workspace().await;
        let (home, other) = (self.home.path().to_string_lossy(), other.path().to_string_lossy());
        spec.env.insert("AT".to_owned(), knowledge(&victim, &home, &other));
        (spec, victim)
    }

    /// What came of each attempt. The attack must come to its end, and nothing may reach the victim.
    pub(crate) async fn attempts(&self, name: &str) -> String {
        let (spec, victim) = self.attack(name).await;
        let outcome = self.run(spec).await.unwrap();
        assert!(outcome.success(), "{:?} {}", outcome.end, outcome.stderr.text());
        assert_eq!(victim.reached(), json!([]));
        outcome.stdout.text()
    }

    /// An attack that does not live to its end.
    pub(crate) async fn bomb(&self, name: &str, tune: impl FnOnce(&mut RunSpec)) -> Outcome {
        let (mut spec, victim) = self.attack(name).await;
        tune(&mut spec);
        let mark = crate::cage::mark(&mut spec);
        let outcome = self.run(spec).await.unwrap();
        assert_eq!(crate::cage::marked(&mark), Vec::<String>::new());
        assert_eq!(victim.reached(), json!([]));
        outcome
    }

    /// A Python program with the words of the attackers, in the workspace of `spec`.
    pub(crate) async fn said(&self, source: &str) -> String {
        let mut spec = self.spec(&["python3", "main.py"]).await;
        put(&spec.workspace, "main.py", &format!("{ATTEMPT}\n{source}"));
        spec.env.insert("AT".to_owned(), "{}".to_owned());
        let outcome = self.run(spec).await.unwrap();
        assert!(outcome.success(), "{:?} {}", outcome.end, outcome.stderr.text());
        outcome.stdout.text()
    }
}
