//! What the end of a program means. A table that is too big for the limits is the fault of nobody's code: it is said
//! as what it is, and the limit is named.

use ninja_sandbox::{Cause, End, Limits, Outcome};
use ninja_types::{Failure, FailureCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::{SkippedFile, ToolError};

const ERROR: &str = "output/error.json";
const LONGEST_ERROR: u64 = 64 * 1024;
/// Exit code of a program whose input is at fault.
const INPUT_AT_FAULT: i32 = 3;
/// Bytes of the standard error that a failure keeps.
const TAIL: usize = 4 * 1024;

/// Why the input cannot be used, as the program says it.
#[derive(Deserialize)]
struct InputError {
    code: String,
    message: String,
    /// JSON Pointer into the arguments.
    path: Option<String>,
}

/// Nothing to say about a program that ended well; the failure of any other.
pub(super) async fn judge(
    outcome: &Outcome,
    limits: &Limits,
    desk: &Desk<'_>,
) -> Result<(), ToolError> {
    if outcome.success() {
        return Ok(());
    }
    let said = match outcome.end {
        End::Exited(INPUT_AT_FAULT) if outcome.killed.is_none() => {
            desk.text(ERROR, LONGEST_ERROR).await?
        }
        _ => None,
    };
    Err(verdict(outcome, limits, said.as_deref()))
}

/// A program that says it went well, and left no result.
pub(super) fn no_result(outcome: &Outcome) -> ToolError {
    ToolError::Failed(broken(outcome, "left no result"))
}

/// All that the program made must be kept: a result that names a file which is not there is none.
pub(super) fn kept(skipped: &[SkippedFile]) -> Result<(), ToolError> {
    let Some(left) = skipped.first() else { return Ok(()) };
    let message = format!("The result is too large to be kept: `{}` ({}).", left.path, left.reason);
    let data = json!({ "reason": "result_too_large", "path": "/data" });
    Err(ToolError::Failed(Failure::new(FailureCode::InputInvalid, message).with(data)))
}

/// The end of what it wrote to its standard error.
pub(super) fn stderr(outcome: &Outcome) -> String {
    let text = outcome.stderr.text().replace('\0', "\u{fffd}");
    let cut = text.len().saturating_sub(TAIL);
    let from = (cut..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    text[from..].to_owned()
}

fn verdict(outcome: &Outcome, limits: &Limits, said: Option<&str>) -> ToolError {
    if was_kept_waiting(outcome, limits) {
        let message = "The worker was too busy to end a computation in time.";
        return ToolError::Retry(Failure::new(FailureCode::SandboxUnavailable, message));
    }
    ToolError::Failed(failure(outcome, limits, said))
}

/// A program of ours computes all the time: where the clock ran out before its processor time did, it had to wait.
fn was_kept_waiting(outcome: &Outcome, limits: &Limits) -> bool {
    outcome.killed == Some(Cause::WallTime) && limits.wall_ms > limits.cpu_s * 1000
}

fn failure(outcome: &Outcome, limits: &Limits, said: Option<&str>) -> Failure {
    if let Some((limit, most, unit)) = spent(outcome, limits) {
        let message = format!(
            "The data is too large for this computation: it needs more than {most} {unit}."
        );
        let data =
            json!({ "reason": "dataset_too_large", "path": "/data", "limit": limit, "most": most });
        return Failure::new(FailureCode::InputInvalid, message).with(data);
    }
    match said.map(serde_json::from_str::<InputError>) {
        Some(Ok(error)) => {
            let data = json!({ "reason": error.code, "path": error.path });
            Failure::new(FailureCode::InputInvalid, error.message).with(data)
        }
        Some(Err(unreadable)) => {
            broken(outcome, &format!("left an error that cannot be read ({unreadable})"))
        }
        None => broken(outcome, "failed"),
    }
}

/// The limit that the program ran into: its name, its size, its unit.
fn spent(outcome: &Outcome, limits: &Limits) -> Option<(&'static str, u64, &'static str)> {
    let memory = ("memory", limits.memory_bytes >> 20, "MiB of memory");
    match outcome.killed {
        Some(Cause::Memory) => Some(memory),
        Some(Cause::WallTime) => Some(("wall_time", limits.wall_ms / 1000, "seconds")),
        Some(Cause::CpuTime) => Some(("cpu_time", limits.cpu_s, "seconds of processor time")),
        Some(Cause::Disk) => Some(("disk", limits.disk.bytes >> 20, "MiB of disk space")),
        Some(Cause::FileSize) => Some(("file_size", limits.file_bytes >> 20, "MiB in one file")),
        Some(_) => None,
        None => ran_out_of_memory(outcome).then_some(memory),
    }
}

/// An allocation that the kernel refused ends Python with a traceback, not by the guard.
fn ran_out_of_memory(outcome: &Outcome) -> bool {
    let text = outcome.stderr.text();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    outcome.end == End::Exited(1) && last.contains("MemoryError")
}

fn broken(outcome: &Outcome, what: &str) -> Failure {
    let cause = outcome.killed.map(Cause::as_str);
    let (exit_code, stderr) = (exit_code(outcome), stderr(outcome));
    tracing::error!(?exit_code, ?cause, stderr, "a program of ours failed");
    let message =
        format!("The program {what}: this is our fault; the step's error has its last words.");
    let data: Value = json!({
        "reason": "program_failed", "exit_code": exit_code, "cause": cause, "stderr": stderr,
    });
    Failure::new(FailureCode::Internal, message).with(data)
}

fn exit_code(outcome: &Outcome) -> Option<i32> {
    match outcome.end {
        End::Exited(code) => Some(code),
        End::Signalled(_) | End::NotExecuted { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use ninja_sandbox::{Captured, DiskLimits, Tier, Usage};

    use super::*;

    fn told(end: End, killed: Option<Cause>, stderr: &str) -> String {
        let stderr = Captured { head: stderr.as_bytes().to_vec(), ..Captured::default() };
        let (stdout, usage) = (Captured::default(), Usage::default());
        let near_memory_limit = false;
        let outcome =
            Outcome { end, killed, near_memory_limit, stdout, stderr, usage, tier: Tier::Ns };
        let limits = Limits {
            wall_ms: 360_000,
            cpu_s: 120,
            memory_bytes: 2 << 30,
            processes: 128,
            file_bytes: 256 << 20,
            disk: DiskLimits { bytes: 512 << 20, inodes: 10_000 },
            tmp_bytes: 64 << 20,
            output_kept_bytes: 65_536,
            output_hard_bytes: 16 << 20,
        };
        match verdict(&outcome, &limits, None) {
            ToolError::Failed(failure) => format!(
                "{} {} {}: {}",
                failure.code, failure.data["reason"], failure.data["limit"], failure.message
            ),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_limit_is_named_and_a_busy_worker_is_no_fault_of_the_data() {
        let killed = |cause| told(End::Signalled(9), Some(cause), "");
        insta::assert_snapshot!(
            [
                killed(Cause::Memory),
                killed(Cause::CpuTime),
                killed(Cause::Disk),
                killed(Cause::FileSize),
                told(End::Exited(1), None, "Traceback …\nnumpy.core._exceptions._ArrayMemoryError: no\n"),
                killed(Cause::Processes),
                told(End::Exited(1), None, "MemoryError in a name\nKeyError: 'x'\n"),
            ]
            .join("\n"),
            @r#"
        input_invalid "dataset_too_large" "memory": The data is too large for this computation: it needs more than 2048 MiB of memory.
        input_invalid "dataset_too_large" "cpu_time": The data is too large for this computation: it needs more than 120 seconds of processor time.
        input_invalid "dataset_too_large" "disk": The data is too large for this computation: it needs more than 512 MiB of disk space.
        input_invalid "dataset_too_large" "file_size": The data is too large for this computation: it needs more than 256 MiB in one file.
        input_invalid "dataset_too_large" "memory": The data is too large for this computation: it needs more than 2048 MiB of memory.
        internal "program_failed" null: The program failed: this is our fault; the step's error has its last words.
        internal "program_failed" null: The program failed: this is our fault; the step's error has its last words.
        "#
        );
        assert!(killed(Cause::WallTime).starts_with("Retry"));
    }
}
