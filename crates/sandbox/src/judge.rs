//! Turns what was seen of a run into its outcome.

use std::sync::Arc;
use std::time::Duration;

use crate::wire::{Stage, Status};
use crate::{Captured, Cause, End, Limits, Outcome, RunError, RunSpec, Tier, Usage, run};

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) lines: Vec<Status>,
    pub(crate) stdout: Captured,
    pub(crate) stderr: Captured,
    pub(crate) ran: Ran,
    pub(crate) cause: Option<Cause>,
    pub(crate) peak_bytes: u64,
    pub(crate) peak_processes: u64,
}

/// How long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ran {
    pub(crate) helper: Duration,
    /// `None`: the program ended before its start was heard of, or never started.
    pub(crate) program: Option<Duration>,
}

/// The whole story. The workspace is measured once more: a limit that was passed between the
/// guard's last look and the end counts too.
pub(crate) async fn outcome(spec: &RunSpec, tier: Tier, facts: Facts) -> Result<Outcome, RunError> {
    let mut usage = used(&facts);
    let end = end(&facts)?;
    let mut killed = cause(&facts, end, &usage, &spec.limits);
    let (workspace, limits) = (Arc::clone(&spec.workspace), run::disk_limits(spec));
    let settled = tokio::task::spawn_blocking(move || {
        let over = workspace.settle(limits, &mut usage);
        over.map(|over| (usage, over))
    });
    match settled.await {
        Ok(Ok((settled, over))) => {
            usage = settled;
            killed = killed.or(over);
        }
        Ok(Err(error)) => tracing::warn!(%error, "a workspace could not be measured"),
        Err(error) => tracing::warn!(%error, "a workspace could not be measured"),
    }
    Ok(Outcome {
        end,
        killed,
        near_memory_limit: usage.peak_tree_bytes >= spec.limits.memory_bytes / 10 * 9,
        stdout: facts.stdout,
        stderr: facts.stderr,
        usage,
        tier,
    })
}

fn end(facts: &Facts) -> Result<End, RunError> {
    let mut whole = false;
    for line in &facts.lines {
        match *line {
            Status::Failed { .. } if facts.cause.is_some() => break, // ended while it was built
            Status::Failed { stage, errno } => return Err(RunError::Setup { stage, errno }),
            Status::NotExecuted { errno } => return Ok(End::NotExecuted { errno }),
            Status::Exited { code } => return Ok(End::Exited(code)),
            Status::Signalled { signal } => return Ok(End::Signalled(signal)),
            Status::Ended { .. } => whole = true,
            Status::Started { .. } => {}
        }
    }
    let started = facts.lines.iter().any(|line| matches!(line, Status::Started { .. }));
    match facts.cause {
        Some(_) => Ok(End::Signalled(libc::SIGKILL)),
        // The helper's own timer, or the kernel short of memory, killed the first process.
        None if whole && started => Ok(End::Signalled(libc::SIGKILL)),
        None if whole => Err(RunError::Setup { stage: Stage::Start, errno: libc::ETIMEDOUT }),
        None => Err(RunError::HelperLost),
    }
}

fn cause(facts: &Facts, end: End, usage: &Usage, limits: &Limits) -> Option<Cause> {
    let finished = facts.lines.iter().any(|line| {
        matches!(
            line,
            Status::Exited { .. } | Status::Signalled { .. } | Status::NotExecuted { .. }
        )
    });
    match facts.cause {
        // It was faster than the order to end it.
        Some(Cause::WallTime | Cause::Cancelled | Cause::WorkerPressure) if finished => None,
        Some(cause) => Some(cause),
        None => match end {
            End::Signalled(libc::SIGXCPU) => Some(Cause::CpuTime),
            End::Signalled(libc::SIGXFSZ) => Some(Cause::FileSize),
            // A program that ignores SIGXCPU is killed a second later, by the kernel.
            End::Signalled(libc::SIGKILL) if finished => {
                let cpu_ms = usage.cpu_user_ms + usage.cpu_system_ms;
                (cpu_ms >= limits.cpu_s * 1000).then_some(Cause::CpuTime)
            }
            End::Signalled(libc::SIGKILL) => {
                (usage.wall_ms >= limits.wall_ms).then_some(Cause::WallTime)
            }
            _ => None,
        },
    }
}

fn used(facts: &Facts) -> Usage {
    let mut usage = Usage {
        peak_tree_bytes: facts.peak_bytes,
        peak_processes: facts.peak_processes.max(1),
        ..Usage::default()
    };
    for line in &facts.lines {
        match *line {
            Status::Started { setup_us } => usage.setup_us = setup_us,
            Status::Ended { cpu_user_ms, cpu_system_ms, max_rss_bytes } => {
                (usage.cpu_user_ms, usage.cpu_system_ms) = (cpu_user_ms, cpu_system_ms);
                // The guard looks now and then, the kernel always, but at single processes only.
                usage.peak_tree_bytes = usage.peak_tree_bytes.max(max_rss_bytes);
            }
            _ => {}
        }
    }
    let built = Duration::from_micros(usage.setup_us);
    let wall = facts.ran.program.unwrap_or(facts.ran.helper.saturating_sub(built));
    usage.wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
    usage
}
