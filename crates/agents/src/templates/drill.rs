use ninja_types::{AgentKind, PlanSource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::noop::DrillArgs;
use crate::plan::{Plan, PlanErrors, PlanStep};
use crate::schema::{self, Fault};
use crate::work::StepInputs;

/// Parameters of the drill: a chain of steps that do nothing.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DrillParameters {
    /// Always `noop`.
    agent: Noop,
    /// How many steps, one after the other.
    #[schemars(range(min = 1, max = 50))]
    steps: u32,
    /// Milliseconds in which each step waits.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600_000))]
    sleep_ms: u64,
    /// Milliseconds in which each step blocks a thread of its worker.
    #[serde(default)]
    #[schemars(range(min = 0, max = 600_000))]
    spin_ms: u64,
    /// Calls of a model that each step makes.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000))]
    model_calls: u32,
    /// Each step takes its worker down.
    #[serde(default)]
    crash: bool,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum Noop {
    #[serde(rename = "noop")]
    Noop,
}

/// `custom` with `agent` is the drill: an explicit plan has no such parameter.
pub(crate) fn is_meant(parameters: &Map<String, Value>) -> bool {
    parameters.contains_key("agent")
}

/// The chain.
pub(crate) fn plan(parameters: &Map<String, Value>) -> Result<Plan, PlanErrors> {
    let schema = schema::of::<DrillParameters>();
    let mut filled = parameters.clone();
    schema::fill_defaults(&schema, &mut filled);
    let filled = Value::Object(filled);
    let faults = schema::check(&schema, &filled, "/parameters");
    if !faults.is_empty() {
        return Err(PlanErrors::of(faults));
    }
    let broken =
        |e: serde_json::Error| PlanErrors::one(Fault::new("/parameters", "format", e.to_string()));
    let asked: DrillParameters = serde_json::from_value(filled.clone()).map_err(broken)?;
    let one = DrillArgs {
        sleep_ms: asked.sleep_ms,
        spin_ms: asked.spin_ms,
        model_calls: asked.model_calls,
        crash: asked.crash,
    };
    let parameters = serde_json::to_value(one).map_err(broken)?;
    let inputs = serde_json::to_value(StepInputs { parameters, files: vec![] }).map_err(broken)?;
    let steps = (1..=asked.steps).map(|n| step(n, inputs.clone())).collect();
    Ok(Plan {
        source: PlanSource::Given,
        parameters: filled,
        steps,
        files: Vec::new(),
        artifacts: Vec::new(),
        languages: Vec::new(),
        not_done: Vec::new(),
    })
}

fn step(number: u32, inputs: Value) -> PlanStep {
    PlanStep {
        key: format!("noop-{number}"),
        agent: AgentKind::Noop,
        capability: None,
        description: "Do nothing.".to_owned(),
        required: true,
        depends_on: usize::try_from(number)
            .ok()
            .and_then(|n| n.checked_sub(2))
            .into_iter()
            .collect(),
        requires: vec![],
        inputs,
    }
}
