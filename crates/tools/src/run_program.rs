//! The other door to the sandbox: runs a program of our own over files of others. What it reads and makes are files,
//! and the journal holds their hashes; so a call stays small whatever the table.

mod end;

use async_trait::async_trait;
use ninja_sandbox::{Limits, RunSpec, Sandbox};
use ninja_types::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::desk::{Desk, hex};
use crate::launch::{self, refused};
use crate::{Content, GivenFile, MadeFile, Tool, ToolContext, ToolError, ToolSpec};

/// Where a program finds itself, and where it leaves what it made.
const PROGRAM: &str = "program/";
const OUTPUT: &str = "output";
const RESULT: &str = "output/result.json";
/// How many times its processor time a program may take by the clock.
const PATIENCE: u64 = 3;
const MEMORY: u64 = 2 << 30;
const BIGGEST_FILE: u64 = 256 << 20;
/// One thread, no window, the same order of everything at each run.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("OMP_NUM_THREADS", "1"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("MPLBACKEND", "Agg"),
    ("PYTHONHASHSEED", "0"),
];

/// One file of a program, as it is embedded in this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Relative to the folder of the programs.
    pub path: &'static str,
    /// The file.
    pub text: &'static str,
}

/// Runs one vetted Python program.
#[derive(Clone, Debug)]
pub struct RunProgram {
    /// Its file is `<name>.py`.
    pub name: &'static str,
    /// That file, and every module that it may import.
    pub sources: Vec<Source>,
}

/// What a program reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunProgramArgs {
    /// Name of the program.
    pub program: String,
    /// SHA-256 of its sources: a release that changes it asks for something else.
    pub version: String,
    /// The document on its standard input.
    pub input: Value,
    /// The files in its workspace.
    pub files: Vec<GivenFile>,
    /// Seconds of processor time that it may take.
    pub timeout_s: u32,
}

/// What a program that ended well leaves behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramResult {
    /// The document with its result.
    pub result: MadeFile,
    /// Its other files; their paths begin in the folder of the result.
    pub files: Vec<MadeFile>,
    /// What it wrote to its standard error, such as warnings of libraries; the middle of a long one is left out.
    pub stderr: String,
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Milliseconds of processor time.
    pub cpu_ms: u64,
    /// The most memory that it held at once.
    pub peak_bytes: u64,
}

impl RunProgram {
    /// SHA-256 over the paths and texts of the sources.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        for source in &self.sources {
            for part in [source.path, source.text] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        hex(&hash.finalize())
    }

    async fn lay(&self, desk: &mut Desk<'_>, files: &[GivenFile]) -> Result<(), ToolError> {
        for source in &self.sources {
            let content = Content::Text { text: source.text.to_owned() };
            desk.lay(&GivenFile { path: format!("{PROGRAM}{}", source.path), content }).await?;
        }
        for file in files {
            desk.lay(file).await?;
        }
        // An empty folder cannot be laid: a file makes it, and is no result as it does not change.
        let content = Content::Text { text: String::new() };
        desk.lay(&GivenFile { path: format!("{OUTPUT}/.keep"), content }).await
    }

    fn spec(&self, desk: &Desk<'_>, args: &RunProgramArgs, limits: Limits) -> RunSpec {
        // Isolated from what a user may have uploaded: only the folder of the program is searched for modules.
        let words = ["python3".to_owned(), "-s".to_owned(), format!("{PROGRAM}{}.py", self.name)];
        let mut spec = RunSpec::new(desk.workspace(), words, limits);
        spec.language = Some("python".to_owned());
        spec.stdin = args.input.to_string().into_bytes();
        let pairs = ENVIRONMENT.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        spec.env = pairs.collect();
        spec
    }
}

#[async_trait]
impl Tool for RunProgram {
    type Args = RunProgramArgs;
    type Output = ProgramResult;
    const SPEC: ToolSpec = ToolSpec {
        name: "run_program",
        effect: Effect::Pure,
        description: "Runs a program of this product over given files, without network. Not offered to models.",
    };

    async fn run(
        &self,
        args: &RunProgramArgs,
        context: &ToolContext<'_>,
    ) -> Result<ProgramResult, ToolError> {
        let sandbox = context.bench.sandbox()?;
        let limits = limits(sandbox, args.timeout_s);
        let workspace = sandbox.workspace(limits.disk).await.map_err(refused)?;
        let mut desk = Desk::new(workspace, &context.bench.store);
        self.lay(&mut desk, &args.files).await?;
        let outcome = launch::go(sandbox, self.spec(&desk, args, limits), context).await?;
        end::judge(&outcome, &limits, &desk).await?;
        let (mut files, skipped) = desk.gather_below(OUTPUT).await?;
        end::kept(&skipped)?;
        let result = files.iter().position(|file| file.path == RESULT);
        let result = result.map(|at| files.remove(at)).ok_or_else(|| end::no_result(&outcome))?;
        for file in &mut files {
            file.path.drain(..=OUTPUT.len());
        }
        let usage = &outcome.usage;
        Ok(ProgramResult {
            result,
            files,
            stderr: end::stderr(&outcome),
            wall_ms: usage.wall_ms,
            cpu_ms: usage.cpu_user_ms + usage.cpu_system_ms,
            peak_bytes: usage.peak_tree_bytes,
        })
    }
}

/// What our programs get, within what this worker allows at most.
fn limits(sandbox: &Sandbox, seconds: u32) -> Limits {
    let (run, most) = (sandbox.run_limits(), sandbox.most_limits());
    let seconds = u64::from(seconds);
    Limits {
        // A busy worker computes slowly: that alone must not decide whether a table is too large.
        wall_ms: most.wall_ms.min(seconds * 1000 * PATIENCE),
        cpu_s: most.cpu_s.min(seconds),
        memory_bytes: most.memory_bytes.min(MEMORY),
        file_bytes: most.file_bytes.min(BIGGEST_FILE),
        disk: sandbox.compile_limits().disk,
        ..run
    }
}
