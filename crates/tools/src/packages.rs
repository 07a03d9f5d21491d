//! Which libraries our programs find on this worker: Python looks for them from inside the sandbox. They are found, not
//! imported, because importing all of them takes seconds of each start.

use ninja_sandbox::{RunSpec, Sandbox};
use tokio_util::sync::CancellationToken;

use crate::Bench;

/// A library that programs of ours import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// As plans require it and operators install it.
    pub name: &'static str,
    /// The module that must be there.
    pub module: &'static str,
}

/// Every library that a program of ours may import: one line each.
pub const PACKAGES: &[Package] = &[
    Package { name: "python3-pandas", module: "pandas" },
    Package { name: "python3-scipy", module: "scipy" },
    Package { name: "python3-statsmodels", module: "statsmodels" },
    Package { name: "python3-matplotlib", module: "matplotlib" },
    Package { name: "python3-openpyxl", module: "openpyxl" },
];

/// Prints the names of the modules that are there, one a line.
const PROBE: &str = "
import importlib.util, sys
for name in sys.argv[1:]:
    if importlib.util.find_spec(name):
        print(name)
";

/// The names of the libraries that are there; what is missing is told to the log. None without a sandbox or Python.
pub async fn packages(bench: &Bench) -> Vec<String> {
    let Ok(sandbox) = &bench.sandbox else { return Vec::new() };
    if sandbox.language("python").is_none() {
        return Vec::new();
    }
    let found = match look(sandbox).await {
        Ok(found) => found,
        Err(reason) => {
            tracing::warn!(reason, "the libraries of Python could not be looked for: no analysis");
            return Vec::new();
        }
    };
    let is_there = |package: &&Package| found.iter().any(|module| module == package.module);
    let (there, missing): (Vec<&Package>, Vec<&Package>) = PACKAGES.iter().partition(is_there);
    if !missing.is_empty() {
        let missing: Vec<_> = missing.iter().map(|package| package.name).collect();
        tracing::warn!(?missing, "libraries of Python are missing: no analysis that needs them");
    }
    there.into_iter().map(|package| package.name.to_owned()).collect()
}

async fn look(sandbox: &Sandbox) -> Result<Vec<String>, String> {
    let limits = sandbox.compile_limits();
    let workspace = sandbox.workspace(limits.disk).await.map_err(|error| error.to_string())?;
    let words = ["python3", "-s", "-c", PROBE].into_iter();
    let words = words.chain(PACKAGES.iter().map(|package| package.module));
    let mut spec = RunSpec::new(workspace.into(), words, limits);
    spec.language = Some("python".to_owned());
    let run = sandbox.run(spec, CancellationToken::new(), None).await;
    let outcome = run.map_err(|error| error.to_string())?;
    if !outcome.success() {
        return Err(format!("{:?}: {}", outcome.end, outcome.stderr.text().trim()));
    }
    Ok(outcome.stdout.text().lines().map(str::to_owned).collect())
}
