//! The room's door: one [`Sandbox`] per process, proven once, asked for workspaces and runs.

use ninja_config::SandboxConfig;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::capture::Chunk;
use crate::parts::Parts;
use crate::{
    DiskLimits, Installed, Limits, Outcome, PublishedReport, Refused, Report, RunError, RunSpec,
    Workspace, prove, registry,
};

/// A proven sandbox. Cheap to share: put it into an `Arc`.
pub struct Sandbox {
    pub(crate) parts: Parts,
    pub(crate) report: Report,
    pub(crate) installed: Vec<Installed>,
}

impl Sandbox {
    /// Finds out by effect whether this machine can hold untrusted programs, and which languages
    /// work. Blocks for up to some seconds; call it once, before the worker is ready.
    pub fn prove(config: &SandboxConfig) -> Result<Self, Refused> {
        prove::prove(config)
    }

    /// Tier, layers, attacks of the proof, kernel.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Languages whose hello world ran in this sandbox.
    pub fn languages(&self) -> &[Installed] {
        &self.installed
    }

    /// A language by id or alias, if it works here.
    pub fn language(&self, name: &str) -> Option<&Installed> {
        let wanted = registry::find(name)?;
        self.installed.iter().find(|installed| installed.language.id == wanted.id)
    }

    /// What `workers.sandbox` stores and `GET /languages` is made of.
    pub fn published(&self) -> PublishedReport {
        self.report.published(&self.installed)
    }

    /// Ids of the languages that run here: this worker's part of `workers.provides`.
    pub fn provides(&self) -> Vec<String> {
        self.installed.iter().map(|installed| installed.language.id.to_owned()).collect()
    }

    /// What a run gets that asks for nothing else, as configured.
    pub fn run_limits(&self) -> Limits {
        Limits::from(&self.parts.limits.run)
    }

    /// What a compiler gets, as configured.
    pub fn compile_limits(&self) -> Limits {
        Limits::from(&self.parts.limits.compile)
    }

    /// What a run may ask for at most, as configured.
    pub fn most_limits(&self) -> Limits {
        Limits::from(&self.parts.limits.most)
    }

    /// An empty folder for programs to work in; it lives until it is dropped.
    pub async fn workspace(&self, max: DiskLimits) -> Result<Workspace, RunError> {
        self.parts.workspace(max).await
    }

    /// Runs one program to its end. `cancel` ends it and its whole tree; `live` gets its output as
    /// it comes. Waits for a permit first, which costs the run none of its time. Dropping the
    /// future kills the run.
    pub async fn run(
        &self,
        spec: RunSpec,
        cancel: CancellationToken,
        live: Option<mpsc::Sender<Chunk>>,
    ) -> Result<Outcome, RunError> {
        self.parts.run(&spec, &cancel, live).await
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("report", &self.report).finish_non_exhaustive()
    }
}
