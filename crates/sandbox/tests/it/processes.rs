//! A run cannot touch processes that are not its own.

use futures_util::future::join_all;

use crate::cage::{mark, marked, put};

in_every_tier! {
    async fn other_processes_can_be_neither_traced_nor_signalled_nor_slowed(cage: &Cage) {
        // 9, 10, 40
        let said = cage.attempts("touch_processes").await;
        let refused = |line: &str| line.ends_with(" ESRCH") || line.ends_with(" EPERM");
        assert!(said.lines().all(refused), "{said}");
        assert_eq!(said.lines().count(), 28);
    }

    async fn killing_everybody_kills_only_the_own_tree(cage: &Cage) {
        // 11
        let said = cage.attempts("kill_everybody").await;
        // The first process of a pid namespace is protected by being it.
        let parent = cage.either("SUCCEEDED", "EPERM");
        assert_eq!(said, format!("child -9\nparent {parent}\nstill here\n"));
    }

    async fn two_runs_of_one_user_cannot_see_or_kill_each_other(cage: &Cage) {
        // 12
        let mut one = cage.spec(&["python3", "attack.py", "one", "two"]).await;
        one.env.insert("SECRET".to_owned(), "canary".to_owned());
        let mut two = one.clone();
        two.argv[2..].reverse();
        put(&one.workspace, "attack.py", include_str!("attackers/attack_each_other.py"));
        let (one, two) = tokio::join!(cage.run(one), cage.run(two));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!((one.stdout.text().as_str(), one.success()), ("one []\n", true), "{one:?}");
        assert_eq!((two.stdout.text().as_str(), two.success()), ("two []\n", true), "{two:?}");
    }

    async fn twenty_runs_at_once_end_with_their_own_output_and_leave_nothing(cage: &Cage) {
        let marks = async |number: usize| {
            let source = format!("echo {number} > file; sleep 60 & cat file");
            let mut spec = cage.bash_spec(&source).await;
            let (mark, workspace) = (mark(&mut spec), spec.workspace.clone());
            let outcome = cage.run(spec).await.unwrap();
            assert_eq!((outcome.stdout.text(), outcome.success()), (format!("{number}\n"), true));
            assert_eq!(workspace.collect().unwrap().files.len(), 2);
            mark
        };
        for mark in join_all((0..20).map(marks)).await {
            assert_eq!(marked(&mark), Vec::<String>::new());
        }
    }
}
