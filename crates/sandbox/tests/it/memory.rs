//! What a run may hold and start.

use std::time::{Duration, Instant};

use ninja_sandbox::{Cause, Limits, Outcome, RunSpec};

use crate::cage::{Cage, MIB, mark, marked};

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

#[tokio::test]
async fn a_fork_bomb_ends_with_its_wall_time_and_the_worker_stays_awake() {
    // 13
    let cage = Cage::new();
    let bash = cage.bash_spec(":() { : | : & }\nwhile true; do :; done\n").await;
    let python =
        cage.python_spec("import os\nwhile True:\n try: os.fork()\n except OSError: pass\n");
    for mut spec in [bash, python.await] {
        let mark = mark(&mut spec);
        spec.limits = Limits { wall_ms: 2000, processes: 64, ..spec.limits };
        let (outcome, stall) = run_with_ticker(&cage, spec).await;
        let cause = outcome.killed;
        assert!(matches!(cause, Some(Cause::WallTime | Cause::Processes)), "{cause:?}");
        assert!(outcome.usage.wall_ms <= 3000, "{:?}", outcome.usage);
        assert!((20..=70).contains(&outcome.usage.peak_processes), "{:?}", outcome.usage);
        assert!(stall < Duration::from_secs(1), "{stall:?}");
        assert_eq!(marked(&mark), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_memory_bomb_of_one_process_is_stopped() {
    // 14
    let cage = Cage::new();
    let source = "blocks = []\nwhile True:\n blocks.append(bytearray(b'x') * 4000000)\n";
    let mut spec = cage.python_spec(source).await;
    spec.limits.memory_bytes = 200 * MIB;
    let outcome = cage.run(spec).await.unwrap();
    assert!(!outcome.success());
    assert!(outcome.killed == Some(Cause::Memory) || outcome.near_memory_limit, "{outcome:?}");
}

#[tokio::test]
async fn memory_of_many_children_counts_together() {
    // 15
    let cage = Cage::new();
    let source = "import os, time\nfor _ in range(30):\n if os.fork() == 0:\n  \
                  block = bytearray(b'x') * 40000000\n  time.sleep(60)\ntime.sleep(60)\n";
    let mut spec = cage.python_spec(source).await;
    let mark = mark(&mut spec);
    spec.limits.memory_bytes = 300 * MIB;
    let outcome = cage.run(spec).await.unwrap();
    assert_eq!(outcome.killed, Some(Cause::Memory), "{outcome:?}");
    assert!(outcome.usage.peak_tree_bytes < 1024 * MIB, "{:?}", outcome.usage);
    assert_eq!(marked(&mark), Vec::<String>::new());
}

#[tokio::test]
async fn shared_anonymous_memory_counts() {
    // 16
    let cage = Cage::new();
    let source = "import mmap, time\nblocks = []\nwhile True:\n block = mmap.mmap(-1, 16 << 20)\n \
                  block.write(b'x' * (16 << 20))\n blocks.append(block)\n";
    let mut spec = cage.python_spec(source).await;
    spec.limits.memory_bytes = 200 * MIB;
    let outcome = cage.run(spec).await.unwrap();
    assert_eq!(outcome.killed, Some(Cause::Memory), "{outcome:?}");
}
