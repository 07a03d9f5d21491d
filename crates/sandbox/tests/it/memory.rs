//! What a run may hold and start.

use std::time::{Duration, Instant};

use ninja_sandbox::{Cause, Outcome, RunSpec};

use crate::cage::{Cage, MIB};

/// Runs while a ticker looks how long the event loop stands still.
async fn run_with_ticker(cage: &Cage, spec: RunSpec) -> (Outcome, Duration) {
    let mut worst = Duration::ZERO;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let ticker = async {
        let mut last = Instant::now();
        loop {
            ticks.tick().await;
            worst = worst.max(last.elapsed());
            last = Instant::now();
        }
    };
    let outcome = tokio::select! {
        outcome = cage.run(spec) => outcome.unwrap(),
        () = ticker => unreachable!("a ticker ticks for ever"),
    };
    (outcome, worst)
}

fn tight(spec: &mut RunSpec) {
    spec.limits.memory_bytes = 200 * MIB;
}

in_every_tier! {
    async fn a_fork_bomb_of_a_shell_ends_with_its_wall_time_and_the_worker_stays_awake(cage: &Cage) {
        // 13
        let mut spec = cage.bash_spec(":() { : | : & }\nwhile true; do :; done\n").await;
        let mark = crate::cage::mark(&mut spec);
        (spec.limits.wall_ms, spec.limits.processes) = (1500, 64);
        let (outcome, stall) = run_with_ticker(cage, spec).await;
        let cause = outcome.killed;
        assert!(matches!(cause, Some(Cause::WallTime | Cause::Processes)), "{cause:?}");
        assert!(outcome.usage.wall_ms <= 2500, "{:?}", outcome.usage);
        assert!(stall < Duration::from_secs(1), "{stall:?}");
        assert_eq!(crate::cage::marked(&mark), Vec::<String>::new());
    }

    async fn a_program_starts_no_more_processes_than_it_may(cage: &Cage) {
        // 13
        let outcome = cage.bomb("bomb_of_forks", |spec| {
            (spec.limits.wall_ms, spec.limits.processes) = (1500, 64);
            spec.limits.memory_bytes = 8192 * MIB;
        });
        let outcome = outcome.await;
        let cause = outcome.killed;
        assert!(matches!(cause, Some(Cause::WallTime | Cause::Processes)), "{outcome:?}");
        // Where users are shared, the kernel counts those of all runs that may be, and the guard this one's.
        assert!(outcome.usage.peak_processes <= 64 * 6, "{:?}", outcome.usage);
    }

    async fn a_memory_bomb_of_one_process_is_stopped(cage: &Cage) {
        // 14
        let outcome = cage.bomb("bomb_of_heap", tight).await;
        assert_eq!(outcome.killed, Some(Cause::Memory), "{outcome:?}");
        // It may as well be ended for hiding its open files, whoever looks first.
        let outcome = cage.bomb("bomb_that_cannot_be_read", tight).await;
        let cause = outcome.killed;
        assert!(matches!(cause, Some(Cause::Memory | Cause::Disk)), "{outcome:?}");
    }

    async fn memory_of_many_children_counts_together(cage: &Cage) {
        // 15
        let outcome = cage.bomb("bomb_of_children", tight).await;
        assert_eq!(outcome.killed, Some(Cause::Memory), "{outcome:?}");
    }

    async fn shared_anonymous_memory_counts(cage: &Cage) {
        // 16
        let outcome = cage.bomb("bomb_of_shared_memory", tight).await;
        assert_eq!(outcome.killed, Some(Cause::Memory), "{outcome:?}");
    }
}
