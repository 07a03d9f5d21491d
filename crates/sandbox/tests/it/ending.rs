//! When a run is over, nothing of it is left.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ninja_sandbox::{Cause, End};
use tokio_util::sync::CancellationToken;

use crate::cage::{eventually, mark, marked};
use crate::restricted;

const NOBODY: Vec<String> = Vec::new();

in_every_tier! {
    async fn a_daemon_that_hides_dies_with_its_run(cage: &Cage) {
        // 34
        let outcome = cage.bomb("leave_a_daemon", |_| {}).await;
        assert!(outcome.success() && outcome.stdout.text().is_empty(), "{outcome:?}");
    }

    async fn a_daemon_that_holds_the_output_open_delays_nothing(cage: &Cage) {
        // 35
        let mut spec = cage.bash_spec("sleep 600 &\nsetsid sleep 600 &\necho done\n").await;
        let mark = mark(&mut spec);
        let outcome = cage.run(spec).await.unwrap();
        assert_eq!((outcome.stdout.text().as_str(), outcome.success()), ("done\n", true));
        assert!(outcome.usage.wall_ms < 5000, "{:?}", outcome.usage);
        assert_eq!(marked(&mark), NOBODY);
    }

    async fn a_program_that_stops_itself_ends_with_its_wall_time(cage: &Cage) {
        // 36
        let stop = "kill -STOP $$\n";
        let parent = "kill -STOP $PPID; kill -KILL $PPID; kill -STOP 1; kill -KILL 1; echo here\n";
        for (source, killed) in [(stop, Some(Cause::WallTime)), (parent, None)] {
            let mut spec = cage.bash_spec(source).await;
            let mark = mark(&mut spec);
            spec.limits.wall_ms = 1500;
            let outcome = cage.run(spec).await.unwrap();
            assert_eq!(outcome.killed, killed, "{outcome:?}");
            assert_eq!(marked(&mark), NOBODY);
        }
    }

    async fn a_cancelled_run_is_dead_within_two_seconds(cage: &Cage) {
        let mut spec = cage.bash_spec("trap '' TERM; (sleep 600) & echo ready; sleep 600\n").await;
        let mark = mark(&mut spec);
        let (live, mut chunks) = tokio::sync::mpsc::channel(8);
        let cancel = CancellationToken::new();
        let stop = async {
            chunks.recv().await.unwrap();
            cancel.cancel();
            Instant::now()
        };
        let (outcome, since) = tokio::join!(cage.sandbox.run(spec, cancel.clone(), Some(live)), stop);
        assert!(since.elapsed() < Duration::from_secs(2));
        let outcome = outcome.unwrap();
        assert_eq!((outcome.end, outcome.killed), (End::Signalled(9), Some(Cause::Cancelled)));
        assert_eq!(marked(&mark), NOBODY);
    }

    async fn a_run_that_nobody_waits_for_is_killed(cage: &Cage) {
        let mut spec = cage.bash_spec("echo ready; sleep 600\n").await;
        let mark = mark(&mut spec);
        let (live, mut chunks) = tokio::sync::mpsc::channel(8);
        tokio::select! {
            outcome = cage.sandbox.run(spec, CancellationToken::new(), Some(live)) => {
                panic!("it ended by itself: {outcome:?}")
            }
            chunk = chunks.recv() => assert!(chunk.is_some()),
        }
        assert!(eventually(Duration::from_secs(2), || marked(&mark).is_empty()));
    }

    async fn killing_the_worker_in_mid_run_leaves_no_process(cage: &Cage) {
        // 38, the sandbox's half
        let mark = format!("marked-worker-{}", std::process::id());
        let source = format!(
            "export MARK={mark}; sleep 600 & setsid sleep 600 & bash -c 'echo ready; sleep 600; :'"
        );
        let mut worker = Command::new(restricted::worker())
            .args(["bash", "-c", &source])
            .env_clear()
            .env("NINJA_SANDBOX__MODE", cage.place.tier().as_str())
            .env("NINJA_SANDBOX__ROOT", cage.home.path().join("runs"))
            .env("NINJA_SANDBOX__HELPER", restricted::helper())
            .env("NINJA_SANDBOX__LANGUAGES_FILE", restricted::known_languages())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(worker.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n");
        assert!(marked(&mark).len() >= 3, "{:?}", marked(&mark));
        worker.kill().unwrap();
        worker.wait().unwrap();
        assert!(eventually(Duration::from_secs(3), || marked(&mark).is_empty()));
    }
}
