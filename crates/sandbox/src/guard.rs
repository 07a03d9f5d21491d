//! The memory guard: one thread for all runs. It sees what a resource limit does not: shared
//! mappings, and many small processes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::patrol::{Patrol, Watching};
use crate::pressure::Pressure;
use crate::verdict::Verdict;
use crate::{Cause, Limits, tree};

const SHORTEST_REST: Duration = Duration::from_millis(10);
/// The guard takes about a twentieth of one core.
const REST_PER_SCAN: u32 = 20;
/// A scan that took long because the machine is busy must not make the guard look away.
const LONGEST_REST: Duration = Duration::from_millis(250);

/// One run under guard.
pub(crate) struct Guarded {
    helper: i32,
    memory_bytes: u64,
    processes: u64,
    verdict: Arc<Verdict>,
    peak_bytes: AtomicU64,
    peak_processes: AtomicU64,
}

impl Guarded {
    pub(crate) fn new(helper: i32, limits: &Limits, verdict: &Arc<Verdict>) -> Arc<Self> {
        Arc::new(Self {
            helper,
            memory_bytes: limits.memory_bytes,
            processes: limits.processes,
            verdict: Arc::clone(verdict),
            peak_bytes: AtomicU64::new(0),
            peak_processes: AtomicU64::new(0),
        })
    }

    /// Most bytes and most processes that were seen at once.
    pub(crate) fn peaks(&self) -> (u64, u64) {
        (self.peak_bytes.load(Relaxed), self.peak_processes.load(Relaxed))
    }

    fn judge(&self, tree: &tree::Tree) {
        self.peak_bytes.fetch_max(tree.resident_bytes, Relaxed);
        self.peak_processes.fetch_max(tree.threads, Relaxed);
        if tree.resident_bytes > self.memory_bytes {
            self.verdict.give(Cause::Memory);
        } else if tree.threads > self.processes {
            self.verdict.give(Cause::Processes);
        }
    }
}

/// The thread `sandbox-guard`.
pub(crate) struct Guard(Patrol<Guarded>);

impl Guard {
    pub(crate) fn start(pressure: Option<Pressure>) -> io::Result<Self> {
        tree::scan()?; // an unreadable /proc is a reason to refuse, now and not in mid-run
        let round = move |runs: &[Arc<Guarded>]| round(runs, pressure.as_ref());
        Patrol::start("sandbox-guard", round).map(Self)
    }

    pub(crate) fn watch(&self, run: &Arc<Guarded>) -> Watching<Guarded> {
        self.0.watch(Arc::clone(run))
    }
}

fn round(runs: &[Arc<Guarded>], pressure: Option<&Pressure>) -> Duration {
    let began = Instant::now();
    match look(runs, pressure) {
        Ok(()) => {}
        Err(error) => {
            tracing::error!(%error, "the memory guard cannot look: ending all runs");
            for run in runs {
                run.verdict.give(Cause::WorkerPressure);
            }
        }
    }
    (began.elapsed() * REST_PER_SCAN).clamp(SHORTEST_REST, LONGEST_REST)
}

fn look(runs: &[Arc<Guarded>], pressure: Option<&Pressure>) -> io::Result<()> {
    let processes = tree::scan()?;
    let mut biggest: Option<(u64, &Guarded)> = None;
    for run in runs {
        let tree = tree::below(&processes, run.helper);
        run.judge(&tree);
        if biggest.is_none_or(|(bytes, _)| tree.resident_bytes > bytes) {
            biggest = Some((tree.resident_bytes, run));
        }
    }
    if let (Some(pressure), Some((bytes, run))) = (pressure, biggest)
        && pressure.is_high()?
    {
        tracing::warn!(bytes, "the worker's memory runs out: ending the biggest run");
        run.verdict.give(Cause::WorkerPressure);
    }
    Ok(())
}
