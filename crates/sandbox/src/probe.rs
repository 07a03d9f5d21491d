//! Finds out which languages work here: by compiling and running hello world in the sandbox.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;
use crate::registry::{Installed, LANGUAGES, Language};
use crate::{End, Limits, Outcome, RelPath, RunError, RunSpec, UnusableLanguage, Workspace};

/// A language whose hello world takes longer is of no use, and holds up the worker's start.
const PATIENCE_MS: u64 = 20_000;

/// What came of one language: works, does not work, or (`None`) is not installed.
type Found = Option<Result<Installed, UnusableLanguage>>;

/// All languages, as many at a time as runs are permitted.
pub(crate) async fn all(parts: &Parts) -> (Vec<Installed>, Vec<UnusableLanguage>) {
    let probing = LANGUAGES.iter().map(|language| probe(parts, language));
    let (mut installed, mut unusable) = (Vec::new(), Vec::new());
    for found in join_all(probing).await {
        match found {
            Some(Ok(language)) => installed.push(language),
            Some(Err(language)) => unusable.push(language),
            None => {}
        }
    }
    (installed, unusable)
}

async fn probe(parts: &Parts, language: &'static Language) -> Found {
    let unusable = |reason: String| UnusableLanguage { id: language.id.to_owned(), reason };
    match hello(parts, language).await {
        Ok(Some(installed)) => Some(Ok(installed)),
        Ok(None) => None,
        Err(ProbeError::Run(error)) => Some(Err(unusable(error.to_string()))),
        Err(ProbeError::Failed(reason)) => Some(Err(unusable(reason))),
    }
}

enum ProbeError {
    Run(RunError),
    Failed(String),
}

impl From<RunError> for ProbeError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

async fn hello(
    parts: &Parts,
    language: &'static Language,
) -> Result<Option<Installed>, ProbeError> {
    let limits = Limits::from(&parts.limits.compile);
    let workspace = Arc::new(parts.workspace(limits.disk).await?);
    let probe = language.probe.iter().map(|&word| word.to_owned()).collect();
    let version = run(parts, language, &workspace, probe).await?;
    if let End::NotExecuted { .. } = version.end {
        return Ok(None);
    }
    let version = version_of(&succeeded(version)?);
    put(&workspace, language).await?;
    let began = Instant::now();
    if let Some(compile) = language.compile {
        succeeded(run(parts, language, &workspace, compile(&limits)).await?)?;
    }
    let said = succeeded(run(parts, language, &workspace, (language.run)(&limits)).await?)?;
    if said.stdout.text().trim() != "hello" {
        return Err(ProbeError::Failed(format!("it said `{}`", said.stdout.text().trim())));
    }
    let hello_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Some(Installed { language, version, hello_ms }))
}

async fn run(
    parts: &Parts,
    language: &Language,
    workspace: &Arc<Workspace>,
    argv: Vec<String>,
) -> Result<Outcome, RunError> {
    let mut limits = Limits::from(&parts.limits.compile);
    limits.wall_ms = limits.wall_ms.min(PATIENCE_MS);
    let mut spec = RunSpec::new(Arc::clone(workspace), argv, limits);
    spec.language = Some(language.id.to_owned());
    parts.run(&spec, &CancellationToken::new(), None).await
}

async fn put(workspace: &Arc<Workspace>, language: &'static Language) -> Result<(), ProbeError> {
    let workspace = Arc::clone(workspace);
    let path =
        RelPath::new(language.source).map_err(|fault| ProbeError::Failed(fault.to_string()))?;
    let write = move || workspace.put(&path, language.hello.0.as_bytes(), 0o644);
    let written = tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other).flatten();
    written.map_err(|error| ProbeError::Failed(error.to_string()))
}

fn succeeded(outcome: Outcome) -> Result<Outcome, ProbeError> {
    if outcome.success() {
        return Ok(outcome);
    }
    let killed = outcome.killed.map(|cause| format!(", {}", cause.as_str())).unwrap_or_default();
    let said = outcome.stderr.text();
    Err(ProbeError::Failed(format!("{:?}{killed}: {}", outcome.end, said.trim())))
}

/// The first word that looks like a version, wherever the program prints it.
fn version_of(said: &Outcome) -> String {
    let text = format!("{} {}", said.stdout.text(), said.stderr.text());
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ','));
    let numbers = words.map(|word| word.trim_start_matches('v'));
    let mut versions =
        numbers.filter(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
    versions.next().unwrap_or("unknown").to_owned()
}
