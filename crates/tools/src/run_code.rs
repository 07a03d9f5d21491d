//! The door to the sandbox: lays files into a workspace, compiles where the language asks for it, runs, and stores
//! what the program made.

use async_trait::async_trait;
use ninja_sandbox::{Installed, Limits, Outcome, RunSpec, Sandbox};
use ninja_types::{Effect, Failure, FailureCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::launch::{self, refused};
use crate::{Content, GivenFile, RunResult, Tool, ToolContext, ToolError, ToolSpec};

/// Runs a program.
#[derive(Clone, Copy, Debug)]
pub struct RunCode;

/// A program with all that it reads.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunCodeArgs {
    /// Id or alias of a language.
    pub language: String,
    /// The program itself. Either this or `entry`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 262_144))]
    pub code: Option<String>,
    /// Path of the file to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Its standard input.
    #[serde(default)]
    #[schemars(length(max = 1_048_576))]
    pub stdin: String,
    /// Its command line arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// What lies in its workspace.
    #[serde(default)]
    pub files: Vec<GivenFile>,
    /// Seconds after which it is stopped.
    #[schemars(range(min = 1, max = 120))]
    pub timeout_s: u32,
}

/// The id of a language that this build knows, by id or alias.
pub fn language(name: &str) -> Option<&'static str> {
    ninja_sandbox::find_language(name).map(|language| language.id)
}

/// Ids of the languages that this build knows.
pub fn languages() -> impl Iterator<Item = &'static str> {
    ninja_sandbox::LANGUAGES.iter().map(|language| language.id)
}

#[async_trait]
impl Tool for RunCode {
    type Args = RunCodeArgs;
    type Output = RunResult;
    const SPEC: ToolSpec = ToolSpec {
        name: "run_code",
        effect: Effect::Pure,
        description: "Runs a program without network in a fresh workspace and returns its output and the files it made.",
    };

    async fn run(
        &self,
        args: &RunCodeArgs,
        context: &ToolContext<'_>,
    ) -> Result<RunResult, ToolError> {
        let sandbox = context.bench.sandbox()?;
        let installed = installed(sandbox, &args.language)?;
        let (entry, files) = program(args, installed)?;
        let limits = timed(sandbox.run_limits(), args.timeout_s);
        let workspace = sandbox.workspace(sandbox.compile_limits().disk).await.map_err(refused)?;
        let mut desk = Desk::new(workspace, &context.bench.store);
        for file in &files {
            desk.lay(file).await?;
        }
        let job = Job { sandbox, installed, context, entry: &entry };
        if let Some(not_compiled) = job.compile(&desk).await? {
            return Ok(not_compiled);
        }
        desk.note_what_is_there().await?;
        let outcome = job.start(&desk, args, limits).await?;
        let mut result = RunResult::of(&outcome);
        (result.files, result.skipped) = desk.gather().await?;
        Ok(result)
    }
}

/// A program about to be run.
struct Job<'a> {
    sandbox: &'a Sandbox,
    installed: &'a Installed,
    context: &'a ToolContext<'a>,
    entry: &'a str,
}

impl Job<'_> {
    /// `None`: there is nothing to compile, or it went well.
    async fn compile(&self, desk: &Desk<'_>) -> Result<Option<RunResult>, ToolError> {
        let Some(compile) = self.installed.language.compile else { return Ok(None) };
        let limits = self.sandbox.compile_limits();
        let spec = self.spec(desk, compile(&limits), limits);
        let outcome = launch::go(self.sandbox, spec, self.context).await?;
        let result = RunResult::of_compiler(&outcome);
        Ok((!outcome.success()).then_some(result))
    }

    async fn start(
        &self,
        desk: &Desk<'_>,
        args: &RunCodeArgs,
        limits: Limits,
    ) -> Result<Outcome, ToolError> {
        let mut spec = self.spec(desk, (self.installed.language.run)(&limits), limits);
        spec.argv.extend(args.args.iter().map(Into::into));
        spec.stdin = args.stdin.clone().into_bytes();
        launch::go(self.sandbox, spec, self.context).await
    }

    fn spec(&self, desk: &Desk<'_>, words: Vec<String>, limits: Limits) -> RunSpec {
        let source = self.installed.language.source;
        // A path that looks like an option is spelled so that it is none.
        let entry = if self.entry.starts_with('-') {
            format!("./{}", self.entry)
        } else {
            self.entry.to_owned()
        };
        let argv = words.into_iter().map(|word| if word == source { entry.clone() } else { word });
        let mut spec = RunSpec::new(desk.workspace(), argv, limits);
        spec.language = Some(self.installed.language.id.to_owned());
        spec
    }
}

fn installed<'a>(sandbox: &'a Sandbox, name: &str) -> Result<&'a Installed, ToolError> {
    sandbox.language(name).ok_or_else(|| {
        let here = sandbox.provides().join(", ");
        let message = format!("This worker cannot run `{name}`; it runs: {here}.");
        ToolError::Failed(Failure::new(FailureCode::LanguageUnavailable, message))
    })
}

/// The path of the file to run, and all files with the program among them.
fn program(
    args: &RunCodeArgs,
    installed: &Installed,
) -> Result<(String, Vec<GivenFile>), ToolError> {
    let mut files = args.files.clone();
    match (&args.code, &args.entry) {
        (Some(code), None) => {
            let source = installed.language.source;
            if files.iter().any(|file| file.path == source) {
                let message =
                    format!("The program will lie at `{source}`: give your file another `path`.");
                return Err(ToolError::Failed(Failure::new(FailureCode::InputInvalid, message)));
            }
            let content = Content::Text { text: code.clone() };
            files.push(GivenFile { path: source.to_owned(), content });
            Ok((source.to_owned(), files))
        }
        (None, Some(entry)) if files.iter().any(|file| file.path == *entry) => {
            Ok((entry.clone(), files))
        }
        (None, Some(entry)) => {
            let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
            let there = if paths.is_empty() { "no file".to_owned() } else { paths.join(", ") };
            let message = format!("There is no file `{entry}` to run; the step has: {there}.");
            Err(ToolError::Failed(Failure::new(FailureCode::InputMissing, message)))
        }
        _ => {
            let message = "Give either the program as `code`, or the path of its file as `entry`.";
            Err(ToolError::Failed(Failure::new(FailureCode::InputInvalid, message)))
        }
    }
}

fn timed(limits: Limits, seconds: u32) -> Limits {
    Limits { wall_ms: u64::from(seconds) * 1000, cpu_s: u64::from(seconds), ..limits }
}
