//! What every run needs, made once: the threads, the filters, the slots, the permits.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;

use ninja_config::{SandboxConfig, SandboxLimits};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::capture::Chunk;
use crate::disk::DiskGuard;
use crate::filter::Filters;
use crate::guard::Guard;
use crate::pressure::Pressure;
use crate::slots::{Slot, Slots};
use crate::spawn::Spawner;
use crate::wire::{Order, Stage};
use crate::{
    Captured, Cause, DiskLimits, End, Limits, Outcome, RunError, RunSpec, Tier, Usage, Workspace,
    order, run, tree,
};

/// Shared by all runs of a process.
pub(crate) struct Parts {
    pub(crate) spawner: Spawner,
    /// The cage of all runs, and what its programs may ask of the kernel.
    pub(crate) tier: Tier,
    pub(crate) filters: Filters,
    pub(crate) guard: Guard,
    pub(crate) disk: DiskGuard,
    pub(crate) slots: Arc<Slots>,
    pub(crate) limits: SandboxLimits,
    pub(crate) languages_file: PathBuf,
    permits: Semaphore,
    most_runs: usize,
    janitor: mpsc::Sender<Slot>,
}

impl Parts {
    pub(crate) fn make(
        config: &SandboxConfig,
        helper: PathBuf,
        slots: Slots,
        (tier, filters): (Tier, Filters),
    ) -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let languages_file = config.languages_file.clone();
        let most_runs = config.max_runs.unwrap_or(cores);
        Ok(Self {
            spawner: Spawner::start(helper)?,
            tier,
            filters,
            guard: Guard::start(Pressure::of_this_process(config.memory_pressure))?,
            disk: DiskGuard::start(slots.root().to_owned(), config.free_floor)?,
            languages_file: languages_file.unwrap_or_else(|| slots.root().join("languages.json")),
            slots: Arc::new(slots),
            limits: config.limits.clone(),
            permits: Semaphore::new(most_runs),
            most_runs,
            janitor: janitor()?,
        })
    }

    pub(crate) async fn workspace(&self, max: DiskLimits) -> Result<Workspace, RunError> {
        let (slots, janitor) = (Arc::clone(&self.slots), self.janitor.clone());
        let furnish = move || Workspace::furnish(slots.take()?, max, janitor);
        let made = tokio::task::spawn_blocking(furnish).await.map_err(io::Error::other).flatten();
        made.map_err(|error| {
            tracing::error!(%error, "no workspace could be made");
            RunError::Setup { stage: Stage::Folder, errno: error.raw_os_error().unwrap_or(0) }
        })
    }

    pub(crate) async fn run(
        &self,
        spec: &RunSpec,
        cancel: &CancellationToken,
        live: Option<tokio::sync::mpsc::Sender<Chunk>>,
    ) -> Result<Outcome, RunError> {
        let order = self.order(spec).map_err(RunError::Spec)?;
        self.carry_out(spec, &order, cancel, live).await
    }

    /// The order for a run, or what is wrong with its spec.
    pub(crate) fn order(&self, spec: &RunSpec) -> Result<Order, String> {
        let mut order = order::of(spec, self.tier, &Limits::from(&self.limits.most))?;
        if self.tier == Tier::Landlock && order.uid.is_none() {
            // The kernel counts what the user has in all: the worker's threads and those of the other
            // runs. The guard counts those of the run.
            let runs = u64::try_from(self.most_runs).unwrap_or(u64::MAX);
            let mine = tree::threads_of_user().map_err(|error| error.to_string())?;
            order.limits.processes = order.limits.processes.saturating_mul(runs) + mine;
        }
        Ok(order)
    }

    pub(crate) async fn carry_out(
        &self,
        spec: &RunSpec,
        order: &Order,
        cancel: &CancellationToken,
        live: Option<tokio::sync::mpsc::Sender<Chunk>>,
    ) -> Result<Outcome, RunError> {
        let waiting = self.permits.acquire();
        let Some(permit) = cancel.run_until_cancelled(waiting).await else {
            return Ok(self.not_begun(Cause::Cancelled));
        };
        let _permit = permit.map_err(|_closed| RunError::HelperLost)?;
        if !self.disk.has_room() {
            return Ok(self.not_begun(Cause::WorkerPressure));
        }
        run::run(self, spec, order, cancel, live).await
    }

    /// Ended before anything ran.
    fn not_begun(&self, cause: Cause) -> Outcome {
        Outcome {
            end: End::Signalled(libc::SIGKILL),
            killed: Some(cause),
            near_memory_limit: false,
            stdout: Captured::default(),
            stderr: Captured::default(),
            usage: Usage::default(),
            tier: self.tier,
        }
    }
}

/// The thread `sandbox-janitor` removes workspaces, which may take longer than their owner can wait.
fn janitor() -> io::Result<mpsc::Sender<Slot>> {
    let (give, slots) = mpsc::channel::<Slot>();
    let clear = move || slots.into_iter().for_each(drop);
    thread::Builder::new().name("sandbox-janitor".to_owned()).spawn(clear)?;
    Ok(give)
}
