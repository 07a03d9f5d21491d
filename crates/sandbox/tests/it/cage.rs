//! A proven sandbox in a folder of its own, and short words for running things in it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ninja_config::{SandboxConfig, WorkerSettings};
use ninja_sandbox::{Limits, Outcome, RelPath, RunError, RunSpec, Sandbox, Tier, Workspace};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::restricted;
use crate::tiers::Place;

pub(crate) const MIB: u64 = 1024 * 1024;

/// Settings of a worker whose runs live in `root`.
pub(crate) fn settings(root: &Path, more: &[(&str, &str)]) -> SandboxConfig {
    let root = root.to_string_lossy();
    let helper = restricted::helper();
    // Users of its own for each test: what the kernel counts per user is not shared.
    let users = (10_000_000 + std::process::id() * 64).to_string();
    let fixed = [
        ("NINJA_DATABASE__URL", "postgres://nobody@localhost/none"),
        ("NINJA_REDIS__URL", "redis://localhost"),
        ("NINJA_SANDBOX__ROOT", root.as_ref()),
        ("NINJA_SANDBOX__HELPER", helper.to_str().unwrap()),
        ("NINJA_SANDBOX__SLOT_UID_BASE", &users),
        ("NINJA_SANDBOX__MAX_RUNS", "4"),
        ("NINJA_SANDBOX__FREE_FLOOR", "1048576"),
        // A run goes behind everything else on the machine, which may be busy with other tests.
        ("NINJA_SANDBOX__LIMITS__COMPILE__WALL_MS", "300000"),
    ];
    let pairs = fixed.iter().chain(more).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    WorkerSettings::load(pairs).unwrap().sandbox
}

/// A folder that slot users can pass.
pub(crate) fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    home
}

pub(crate) struct Cage {
    pub(crate) sandbox: Sandbox,
    pub(crate) home: TempDir,
    pub(crate) place: Place,
}

impl Cage {
    pub(crate) fn new(place: Place) -> Self {
        let home = home();
        Self::proven(place, home, &restricted::known_languages())
    }

    /// With every language tried here and now.
    pub(crate) fn fresh(place: Place) -> Self {
        let home = home();
        let unknown = home.path().join("languages.json");
        Self::proven(place, home, &unknown)
    }

    fn proven(place: Place, home: TempDir, languages: &Path) -> Self {
        let mode = [
            ("NINJA_SANDBOX__MODE", place.tier().as_str()),
            ("NINJA_SANDBOX__LANGUAGES_FILE", languages.to_str().unwrap()),
        ];
        let sandbox = Sandbox::prove(&settings(&home.path().join("runs"), &mode)).unwrap();
        assert_eq!(sandbox.report().tier, place.tier());
        Self { sandbox, home, place }
    }

    /// What this tier answers, of two.
    pub(crate) fn either<T>(&self, ns: T, landlock: T) -> T {
        match self.place.tier() {
            Tier::Ns => ns,
            Tier::Landlock => landlock,
        }
    }

    pub(crate) async fn workspace(&self) -> Arc<Workspace> {
        Arc::new(self.sandbox.workspace(self.sandbox.run_limits().disk).await.unwrap())
    }

    /// A spec for `argv` in a fresh workspace, with a wall time that no test should need.
    pub(crate) async fn spec(&self, argv: &[&str]) -> RunSpec {
        let limits = Limits { wall_ms: 200_000, ..self.sandbox.run_limits() };
        RunSpec::new(self.workspace().await, argv.iter().copied(), limits)
    }

    pub(crate) async fn python_spec(&self, source: &str) -> RunSpec {
        let spec = self.spec(&["python3", "main.py"]).await;
        put(&spec.workspace, "main.py", source);
        spec
    }

    pub(crate) async fn bash_spec(&self, source: &str) -> RunSpec {
        let spec = self.spec(&["bash", "main.sh"]).await;
        put(&spec.workspace, "main.sh", source);
        spec
    }

    /// Compiles a C program in a run of its own; the spec runs it.
    pub(crate) async fn c_spec(&self, source: &str) -> RunSpec {
        let compile = self.spec(&["gcc", "-O1", "-pthread", "-o", "main", "main.c"]).await;
        put(&compile.workspace, "main.c", source);
        let mut run = compile.clone();
        let compiled = self.run(compile).await.unwrap();
        assert!(compiled.success(), "{}", compiled.stderr.text());
        run.argv = vec!["./main".into()];
        run
    }

    pub(crate) async fn run(&self, spec: RunSpec) -> Result<Outcome, RunError> {
        sent(self.sandbox.run(spec, CancellationToken::new(), None)).await
    }
}

/// A worker moves runs between its threads.
fn sent<F: Future + Send>(future: F) -> F {
    future
}

pub(crate) fn put(workspace: &Workspace, name: &str, text: &str) {
    workspace.put(&RelPath::new(name).unwrap(), text.as_bytes(), 0o644).unwrap();
}

/// Marks all processes of a run by a variable of their environment.
pub(crate) fn mark(spec: &mut RunSpec) -> String {
    let mark = format!("marked-{}-{:p}", std::process::id(), std::ptr::from_ref(spec));
    spec.env.insert("MARK".to_owned(), mark.clone());
    mark
}

/// Pids of this machine whose environment holds `mark`.
pub(crate) fn marked(mark: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let holds = |pid: &String| {
        pid.starts_with(|c: char| c.is_ascii_digit())
            && fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|env| String::from_utf8_lossy(&env).contains(mark))
    };
    names.filter(holds).collect()
}

/// Looks again and again until `done`, at most for `most`.
pub(crate) fn eventually(most: Duration, mut done: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !done() {
        if began.elapsed() > most {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
