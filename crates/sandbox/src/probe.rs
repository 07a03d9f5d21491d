//! Finds out which languages work here: by compiling and running hello world in the sandbox.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::parts::Parts;
use crate::registry::{Installed, LANGUAGES, Language};
use crate::timings::{self, Timing, Timings};
use crate::{Limits, Outcome, RelPath, RunError, RunSpec, UnusableLanguage, Workspace};

/// A language that works, and if that is new, everything on which it depends.
struct Found {
    language: Installed,
    news: Option<String>,
}

/// All languages, as many at a time as runs are permitted. Those that an earlier start has seen at work
/// are not run again.
pub(crate) async fn all(parts: &Parts) -> (Vec<Installed>, Vec<UnusableLanguage>) {
    let mut timings = Timings::load(parts.languages_file.clone());
    let found = join_all(LANGUAGES.iter().map(|language| probe(parts, &timings, language))).await;
    let (mut installed, mut unusable) = (Vec::new(), Vec::new());
    for found in found.into_iter().flatten() {
        match found {
            Ok(Found { language, news }) => {
                if let Some(key) = news {
                    let facts = (key, language.version.clone(), language.hello_ms);
                    timings.learn(parts.tier, language.language, facts);
                }
                installed.push(language);
            }
            Err(language) => unusable.push(language),
        }
    }
    if let Err(error) = timings.save() {
        tracing::warn!(%error, "the languages will be tried again at the next start");
    }
    (installed, unusable)
}

/// `None`: it is not installed.
async fn probe(
    parts: &Parts,
    timings: &Timings,
    language: &'static Language,
) -> Option<Result<Found, UnusableLanguage>> {
    let key = timings::key(language, &Limits::from(&parts.limits.compile))?;
    if let Some(Timing { version, hello_ms, .. }) = timings.of(parts.tier, language, &key) {
        let installed = Installed { language, version: version.clone(), hello_ms: *hello_ms };
        return Some(Ok(Found { language: installed, news: None }));
    }
    let unusable = |reason: String| UnusableLanguage { id: language.id.to_owned(), reason };
    Some(match hello(parts, language).await {
        Ok(installed) => Ok(Found { language: installed, news: Some(key) }),
        Err(ProbeError::Run(error)) => Err(unusable(error.to_string())),
        Err(ProbeError::Failed(reason)) => Err(unusable(reason)),
    })
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

async fn hello(parts: &Parts, language: &'static Language) -> Result<Installed, ProbeError> {
    let limits = Limits::from(&parts.limits.compile);
    let workspace = Arc::new(parts.workspace(limits.disk).await?);
    let probe = language.probe.iter().map(|&word| word.to_owned()).collect();
    let version = version_of(&succeeded(run(parts, language, &workspace, probe).await?)?);
    put(&workspace, language).await?;
    let mut hello_ms = 0;
    if let Some(compile) = language.compile {
        hello_ms += took(&succeeded(run(parts, language, &workspace, compile(&limits)).await?)?);
    }
    let said = succeeded(run(parts, language, &workspace, (language.run)(&limits)).await?)?;
    hello_ms += took(&said);
    if said.stdout.text().trim() != "hello" {
        return Err(ProbeError::Failed(format!("it said `{}`", said.stdout.text().trim())));
    }
    Ok(Installed { language, version, hello_ms })
}

/// Of the run itself: waiting for others is not the language's fault.
fn took(outcome: &Outcome) -> u64 {
    outcome.usage.setup_us / 1000 + outcome.usage.wall_ms
}

async fn run(
    parts: &Parts,
    language: &Language,
    workspace: &Arc<Workspace>,
    argv: Vec<String>,
) -> Result<Outcome, RunError> {
    let limits = Limits::from(&parts.limits.compile);
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
    let numbers = words.map(|word| word.trim_start_matches('v').trim_start_matches("go"));
    let mut versions =
        numbers.filter(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
    versions.next().unwrap_or("unknown").to_owned()
}
