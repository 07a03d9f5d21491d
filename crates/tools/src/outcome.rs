use ninja_sandbox::{Cause, End, Outcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a program went. A program that fails is a result, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunResult {
    /// `ok` is exit code 0 and nothing else.
    pub status: RunStatus,
    /// Which limit stopped it; or `compile`, `not_executed` where it never began.
    pub cause: Option<String>,
    /// What it ended with, unless a signal did.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote to its standard output; the middle of a long one is left out.
    pub stdout: String,
    /// What it wrote to its standard error; the middle of a long one is left out.
    pub stderr: String,
    /// Something of the output is left out.
    pub truncated: bool,
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Milliseconds of processor time of all its processes.
    pub cpu_ms: u64,
    /// The most memory that its processes held at once.
    pub peak_bytes: u64,
    /// Files that it made or changed.
    pub files: Vec<MadeFile>,
    /// What it left in the workspace that cannot be kept, and why.
    pub skipped: Vec<SkippedFile>,
}

/// How a program ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// With exit code 0.
    Ok,
    /// With another exit code, by a signal, or it never began.
    Error,
    /// A limit stopped it.
    Killed,
}

/// A file that a program made or changed, stored by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MadeFile {
    /// Relative to the workspace.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// By name and content.
    pub content_type: String,
    /// Hex.
    pub sha256: String,
}

/// Something that a program made and that is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedFile {
    /// As well as it can be written.
    pub path: String,
    /// `symlink`, `too_big`, ….
    pub reason: String,
}

impl RunResult {
    /// What a finished run amounts to; its files come later.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let (exit_code, signal) = match outcome.end {
            End::Exited(code) => (Some(code), None),
            End::Signalled(signal) => (None, Some(signal)),
            End::NotExecuted { .. } => (None, None),
        };
        let (status, cause) = match (outcome.killed, outcome.end) {
            (Some(cause), _) => (RunStatus::Killed, Some(cause.as_str().to_owned())),
            (None, End::Exited(0)) => (RunStatus::Ok, None),
            (None, End::NotExecuted { .. }) => (RunStatus::Error, Some("not_executed".to_owned())),
            (None, _) => (RunStatus::Error, None),
        };
        Self {
            status,
            cause,
            exit_code,
            signal,
            stdout: storable(outcome.stdout.text()),
            stderr: storable(outcome.stderr.text()),
            truncated: outcome.stdout.truncated || outcome.stderr.truncated,
            wall_ms: outcome.usage.wall_ms,
            cpu_ms: outcome.usage.cpu_user_ms + outcome.usage.cpu_system_ms,
            peak_bytes: outcome.usage.peak_tree_bytes,
            files: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// The same for a compiler: its refusal is what the caller must know.
    pub(crate) fn of_compiler(outcome: &Outcome) -> Self {
        let result = Self::of(outcome);
        let cause = result.cause.or(Some("compile".to_owned()));
        Self { cause, ..result }
    }

    /// What happened, for a person.
    pub fn sentence(&self) -> String {
        let end = match (self.status, self.cause.as_deref(), self.exit_code, self.signal) {
            (RunStatus::Killed, cause, ..) => {
                format!("The program was stopped: it used up its {}", limit(cause.unwrap_or("")))
            }
            (_, Some("compile"), ..) => "The program did not compile".to_owned(),
            (_, Some(_), ..) => "The program could not be started".to_owned(),
            (_, _, Some(code), _) => format!("The program ended with exit code {code}"),
            (_, _, _, signal) => {
                format!("The program was ended by signal {}", signal.unwrap_or_default())
            }
        };
        let (seconds, tenths) = (self.wall_ms / 1000, self.wall_ms % 1000 / 100);
        let made = match self.files.len() {
            0 => "made no file".to_owned(),
            1 => "made 1 file".to_owned(),
            many => format!("made {many} files"),
        };
        format!("{end} after {seconds}.{tenths} s and {made}.")
    }
}

fn limit(cause: &str) -> &str {
    match cause {
        "wall_time" => "time",
        "cpu_time" => "processor time",
        "memory_limit" => "memory",
        "disk_limit" => "disk space",
        "inode_limit" => "number of files",
        "file_size_limit" => "file size",
        "output_limit" => "output",
        "process_limit" => "number of processes",
        other => other,
    }
}

/// PostgreSQL keeps every character in JSON but this one.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// The fault is the machine's, not the program's.
pub(crate) fn is_platforms_fault(outcome: &Outcome) -> bool {
    outcome.killed == Some(Cause::WorkerPressure)
}

#[cfg(test)]
mod tests {
    use ninja_sandbox::{Captured, Tier, Usage};

    use super::*;

    fn outcome(end: End, killed: Option<Cause>) -> Outcome {
        let stdout =
            Captured { head: b"a\0b".to_vec(), tail: Vec::new(), total_bytes: 3, truncated: false };
        let usage = Usage { wall_ms: 1_250, cpu_user_ms: 3, cpu_system_ms: 4, ..Usage::default() };
        let stderr = Captured::default();
        Outcome { end, killed, near_memory_limit: false, stdout, stderr, usage, tier: Tier::Ns }
    }

    #[test]
    fn every_end_has_a_status_a_cause_and_a_sentence() {
        let told = |end, killed| {
            let result = RunResult::of(&outcome(end, killed));
            format!("{:?} {:?}: {}", result.status, result.cause, result.sentence())
        };
        insta::assert_snapshot!(
            [
                told(End::Exited(0), None),
                told(End::Exited(3), None),
                told(End::Signalled(11), None),
                told(End::Signalled(9), Some(Cause::WallTime)),
                told(End::Exited(0), Some(Cause::Output)),
                told(End::NotExecuted { errno: 2 }, None),
            ]
            .join("\n"),
            @r#"
        Ok None: The program ended with exit code 0 after 1.2 s and made no file.
        Error None: The program ended with exit code 3 after 1.2 s and made no file.
        Error None: The program was ended by signal 11 after 1.2 s and made no file.
        Killed Some("wall_time"): The program was stopped: it used up its time after 1.2 s and made no file.
        Killed Some("output_limit"): The program was stopped: it used up its output after 1.2 s and made no file.
        Error Some("not_executed"): The program could not be started after 1.2 s and made no file.
        "#
        );
    }

    #[test]
    fn a_compiler_that_fails_is_named_as_the_cause() {
        let refused = RunResult::of_compiler(&outcome(End::Exited(1), None));
        assert_eq!(refused.cause.as_deref(), Some("compile"));
        let killed = RunResult::of_compiler(&outcome(End::Signalled(9), Some(Cause::Memory)));
        assert_eq!(killed.cause.as_deref(), Some("memory_limit"));
    }

    #[test]
    fn output_that_postgresql_cannot_store_is_made_storable() {
        assert_eq!(RunResult::of(&outcome(End::Exited(0), None)).stdout, "a\u{fffd}b");
    }
}
