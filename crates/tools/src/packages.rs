//! Which libraries our programs find on this worker: by importing them in the sandbox, never by asking a package
//! manager outside it.

use std::collections::BTreeMap;

use ninja_sandbox::{RunSpec, Sandbox};
use tokio_util::sync::CancellationToken;

use crate::Bench;

/// A library that programs of ours import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// As plans require it and operators install it.
    pub name: &'static str,
    /// What shows that it works.
    pub import: &'static str,
}

/// Every library that a program of ours may import: one line each.
pub const PACKAGES: &[Package] = &[
    Package { name: "python3-pandas", import: "pandas" },
    Package { name: "python3-scipy", import: "scipy.stats" },
    Package { name: "python3-statsmodels", import: "statsmodels.api" },
    Package { name: "python3-matplotlib", import: "matplotlib.figure" },
    Package { name: "python3-openpyxl", import: "openpyxl" },
];

/// Tells of each import on one line how it went.
const PROBE: &str = "
import importlib, json, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        print(json.dumps({name: None}))
    except Exception as error:
        print(json.dumps({name: repr(error)}))
";

/// The names of the libraries that work here; what does not is told to the log. None without a sandbox or Python.
pub async fn packages(bench: &Bench) -> Vec<String> {
    let Ok(sandbox) = &bench.sandbox else { return Vec::new() };
    if sandbox.language("python").is_none() {
        return Vec::new();
    }
    let said = match probe(sandbox).await {
        Ok(said) => said,
        Err(reason) => {
            tracing::warn!(
                reason,
                "the libraries of Python could not be tried: no analysis runs here"
            );
            return Vec::new();
        }
    };
    let works = |package: &&Package| match said.get(package.import) {
        Some(None) => true,
        missing => {
            let reason = missing.and_then(Option::as_deref).unwrap_or("it did not answer");
            tracing::warn!(
                package = package.name,
                reason,
                "a library of Python does not work here"
            );
            false
        }
    };
    PACKAGES.iter().filter(works).map(|package| package.name.to_owned()).collect()
}

async fn probe(sandbox: &Sandbox) -> Result<BTreeMap<String, Option<String>>, String> {
    let limits = sandbox.compile_limits();
    let workspace = sandbox.workspace(limits.disk).await.map_err(|error| error.to_string())?;
    let words = ["python3", "-s", "-c", PROBE].into_iter();
    let words = words.chain(PACKAGES.iter().map(|package| package.import));
    let mut spec = RunSpec::new(workspace.into(), words, limits);
    spec.language = Some("python".to_owned());
    let run = sandbox.run(spec, CancellationToken::new(), None).await;
    let outcome = run.map_err(|error| error.to_string())?;
    let lines = outcome.stdout.text();
    let one = |line| serde_json::from_str::<BTreeMap<String, Option<String>>>(line);
    let read: Result<Vec<_>, _> = lines.lines().map(one).collect();
    read.map(|all| all.into_iter().flatten().collect()).map_err(|error| error.to_string())
}
