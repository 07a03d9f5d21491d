//! One run of the sandbox on behalf of a tool, watched while it goes on.

use ninja_sandbox::{Outcome, RunError, RunSpec, Sandbox};
use ninja_types::{Failure, FailureCode};
use tokio::sync::mpsc;

use crate::outcome::is_platforms_fault;
use crate::{ToolContext, ToolError, live};

/// Pieces of output that may wait for their listener; the sandbox drops what does not fit.
const WAITING_CHUNKS: usize = 64;

/// Runs it to its end. What the program did is an outcome; what the platform did not do is an error.
pub(crate) async fn go(
    sandbox: &Sandbox,
    spec: RunSpec,
    context: &ToolContext<'_>,
) -> Result<Outcome, ToolError> {
    let (told, chunks) = mpsc::channel(WAITING_CHUNKS);
    let run = sandbox.run(spec, context.stop.clone(), Some(told));
    let outcome = live::watched(run, chunks, context.live).await.map_err(refused)?;
    if context.stop.is_cancelled() {
        return Err(ToolError::Stopped);
    }
    if is_platforms_fault(&outcome) {
        let message = "The worker was short of memory or disk space and stopped the program.";
        return Err(ToolError::Retry(Failure::new(FailureCode::SandboxUnavailable, message)));
    }
    Ok(outcome)
}

/// What it means that the sandbox did not run something.
pub(crate) fn refused(error: RunError) -> ToolError {
    match error {
        RunError::Refused(why) => {
            ToolError::Failed(Failure::new(FailureCode::SandboxUnavailable, format!("{why}.")))
        }
        RunError::Setup { .. } => {
            ToolError::Failed(Failure::new(FailureCode::SandboxUnavailable, format!("{error}.")))
        }
        RunError::HelperLost => {
            let message = "The process that watches over the program was lost.";
            ToolError::Retry(Failure::new(FailureCode::SandboxUnavailable, message))
        }
        RunError::Spec(why) => {
            let message = format!("The program cannot be run as asked: {why}.");
            ToolError::Failed(Failure::new(FailureCode::InputInvalid, message))
        }
    }
}
