use ninja_llm::Models;
use ninja_tools::Bench;
use ninja_types::FailureCode;
use tokio_util::sync::CancellationToken;

use crate::context::StepContext;
use crate::{Recorder, StepDone, StepError, StepWork, references, registry};

/// Runs one attempt of a step to its end: its capability, then the contract.
pub async fn run(
    work: &StepWork,
    (bench, models): (&Bench, &Models),
    recorder: &dyn Recorder,
    stop: &CancellationToken,
) -> Result<StepDone, StepError> {
    let name = work.capability.as_deref();
    let Some(capability) = registry::agent(work.agent).and_then(|agent| agent.capability(name))
    else {
        let asked = name.unwrap_or("nothing by name");
        let message = format!(
            "This worker's build has no {} that can do {asked}; it is older or newer than the API.",
            work.agent
        );
        return Err(StepError::fail(FailureCode::PlanInvalid, message));
    };
    let args = references::resolve(&work.inputs.parameters, work)?;
    let mut context = StepContext::new(work, (bench, models), recorder, stop);
    let outcome = capability.run(args, &mut context).await?;
    let (usage, artifacts) = context.into_parts();
    let (summary, output, checks) = (outcome.summary, outcome.output, outcome.checks);
    Ok(StepDone { summary, output, checks, usage, artifacts })
}
