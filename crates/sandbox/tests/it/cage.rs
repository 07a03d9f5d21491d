//! A proven sandbox in a folder of its own, and short words for running things in it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use ninja_config::{SandboxConfig, WorkerSettings};
use ninja_sandbox::{Limits, Outcome, RelPath, RunError, RunSpec, Sandbox, Workspace};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub(crate) const MIB: u64 = 1024 * 1024;

/// Settings of a worker whose runs live in `root`.
pub(crate) fn settings(root: &Path, more: &[(&str, &str)]) -> SandboxConfig {
    let root = root.to_string_lossy();
    let fixed = [
        ("NINJA_DATABASE__URL", "postgres://nobody@localhost/none"),
        ("NINJA_REDIS__URL", "redis://localhost"),
        ("NINJA_SANDBOX__ROOT", root.as_ref()),
        ("NINJA_SANDBOX__HELPER", env!("CARGO_BIN_EXE_ninja-sandbox")),
        ("NINJA_SANDBOX__MAX_RUNS", "4"),
        ("NINJA_SANDBOX__FREE_FLOOR", "1048576"),
    ];
    let pairs = fixed.iter().chain(more).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    WorkerSettings::load(pairs).unwrap().sandbox
}

/// A folder that slot users can pass.
pub(crate) fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    home
}

pub(crate) struct Cage {
    pub(crate) sandbox: Sandbox,
    pub(crate) home: TempDir,
}

impl Cage {
    pub(crate) fn new() -> Self {
        let home = home();
        let sandbox = Sandbox::prove(&settings(&home.path().join("runs"), &[])).unwrap();
        Self { sandbox, home }
    }

    pub(crate) async fn workspace(&self) -> Arc<Workspace> {
        Arc::new(self.sandbox.workspace(self.sandbox.run_limits().disk).await.unwrap())
    }

    /// A spec for `argv` in a fresh workspace, with limits that a test outlives.
    pub(crate) async fn spec(&self, argv: &[&str]) -> RunSpec {
        let limits = Limits { wall_ms: 20_000, ..self.sandbox.run_limits() };
        RunSpec::new(self.workspace().await, argv.iter().copied(), limits)
    }

    pub(crate) async fn run(&self, spec: RunSpec) -> Result<Outcome, RunError> {
        self.sandbox.run(spec, CancellationToken::new(), None).await
    }

    pub(crate) async fn python(&self, source: &str) -> Outcome {
        let spec = self.spec(&["python3", "main.py"]).await;
        put(&spec.workspace, "main.py", source);
        self.run(spec).await.unwrap()
    }

    pub(crate) async fn bash(&self, source: &str) -> Outcome {
        let spec = self.spec(&["bash", "main.sh"]).await;
        put(&spec.workspace, "main.sh", source);
        self.run(spec).await.unwrap()
    }
}

pub(crate) fn put(workspace: &Workspace, name: &str, text: &str) {
    workspace.put(&RelPath::new(name).unwrap(), text.as_bytes(), 0o644).unwrap();
}
