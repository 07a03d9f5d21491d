//! One capability on its own: an explicit plan of one step, so that such a task can be cloned like any other.

use ninja_types::{AgentKind, PlanSource};
use serde_json::{Map, Value, json};

use super::custom;
use crate::plan::{Plan, PlanErrors};

/// Where the step's arguments stand in the plan, and where in the request.
const INSIDE: (&str, &str) = ("/parameters/steps/0/parameters", "/parameters");

/// The plan; faults are told as the request has them.
pub(crate) fn plan(
    agent: AgentKind,
    capability: &str,
    parameters: &Map<String, Value>,
) -> Result<Plan, PlanErrors> {
    let step = json!({
        "key": capability, "agent_type": agent, "capability": capability, "parameters": parameters,
    });
    let explicit = Map::from_iter([("steps".to_owned(), json!([step]))]);
    let mut plan = custom::plan(&explicit).map_err(|PlanErrors(mut faults)| {
        for fault in &mut faults {
            outside(&mut fault.pointer);
        }
        PlanErrors(faults)
    })?;
    plan.source = PlanSource::Capability;
    for file in &mut plan.files {
        outside(&mut file.pointer);
    }
    for artifact in &mut plan.artifacts {
        outside(&mut artifact.pointer);
    }
    for language in &mut plan.languages {
        outside(&mut language.pointer);
    }
    Ok(plan)
}

fn outside(pointer: &mut String) {
    if let Some(rest) = pointer.strip_prefix(INSIDE.0) {
        *pointer = format!("{}{rest}", INSIDE.1);
    } else if let Some(rest) = pointer.strip_prefix("/parameters/steps/0") {
        *pointer = rest.to_owned();
    }
}
