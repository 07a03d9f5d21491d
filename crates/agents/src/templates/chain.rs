//! The steps of a template, one behind the other: each by its key, checked like one that a person wrote.

use ninja_types::AgentKind;
use serde_json::{Map, Value};

use super::custom::{check_args, requires};
use crate::plan::{PlanErrors, PlanStep};
use crate::registry;
use crate::schema::Fault;
use crate::work::StepInputs;

/// Steps so far.
#[derive(Default)]
pub(super) struct Chain(Vec<PlanStep>);

impl Chain {
    /// Adds a step of the Analyst.
    pub(super) fn analyst(
        &mut self,
        key: &str,
        capability: &str,
        args: &Value,
        after: &[&str],
    ) -> Result<(), PlanErrors> {
        self.add((AgentKind::Analyst, capability), key, args, after)
    }

    /// Adds a step of the Writer.
    pub(super) fn writer(
        &mut self,
        key: &str,
        capability: &str,
        args: &Value,
        after: &[&str],
    ) -> Result<(), PlanErrors> {
        self.add((AgentKind::Writer, capability), key, args, after)
    }

    /// The task completes without this step, and says so.
    pub(super) fn optional(&mut self, key: &str) {
        for step in self.0.iter_mut().filter(|step| step.key == key) {
            step.required = false;
        }
    }

    /// The keys so far.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|step| step.key.clone())
    }

    pub(super) fn into_steps(self) -> Vec<PlanStep> {
        self.0
    }

    fn add(
        &mut self,
        (agent, name): (AgentKind, &str),
        key: &str,
        args: &Value,
        after: &[&str],
    ) -> Result<(), PlanErrors> {
        let capability = registry::agent(agent).and_then(|agent| agent.capability(Some(name)));
        let capability = capability.ok_or_else(|| {
            let message = format!("needs `{name}` of the {agent}, which is not in this build");
            PlanErrors::one(Fault::new("/task_type", "not_available", message))
        })?;
        // What was left out is left to the capability.
        let fields = args.as_object().into_iter().flatten();
        let given: Map<_, _> = fields
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let (args, needs, _edges) =
            check_args(capability, &given, "/parameters").map_err(PlanErrors::of)?;
        let depends_on = (0..).zip(&self.0).filter(|(_, step)| after.contains(&&*step.key));
        let depends_on: Vec<usize> = depends_on.map(|(at, _)| at).collect();
        let inputs = StepInputs { parameters: Value::Object(args), files: Vec::new() };
        let inputs = serde_json::to_value(&inputs)
            .map_err(|e| PlanErrors::one(Fault::new("/parameters", "format", e.to_string())))?;
        self.0.push(PlanStep {
            key: key.to_owned(),
            agent,
            capability: Some(name.to_owned()),
            description: capability.spec().description.to_owned(),
            required: true,
            depends_on,
            requires: requires(capability.spec(), &needs),
            inputs,
        });
        Ok(())
    }
}
