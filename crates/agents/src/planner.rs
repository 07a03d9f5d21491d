use ninja_types::{AgentKind, FileId, TaskType};
use serde_json::{Map, Value};

use crate::plan::{Plan, PlanErrors};
use crate::schema::{Fault, escape};
use crate::templates::{self, Template, analysis, custom, drill, invocation};
use crate::{AgentCard, card, parameters, registry};

/// A task as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct TaskSpec<'a> {
    /// What the task is called.
    pub title: &'a str,
    /// What is wanted, in the user's words.
    pub description: &'a str,
    /// What kind of work.
    pub task_type: TaskType,
    /// A JSON object.
    pub parameters: &'a Value,
    /// Those of the named uploads that are tables.
    pub tables: &'a [FileId],
}

/// What this build can be asked for. Pure: a plan depends on the request only, never on data.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    drill: bool,
}

impl Catalogue {
    /// The catalogue; `drill`: the operator allows the agent that hurts workers on purpose.
    pub const fn new(drill: bool) -> Self {
        Self { drill }
    }

    /// Turns a task into steps, or says everything that is wrong with it.
    pub fn plan(&self, spec: &TaskSpec<'_>) -> Result<Plan, PlanErrors> {
        let parameters = storable(spec.parameters)?;
        match spec.task_type {
            TaskType::Custom if drill::is_meant(parameters) => self.drill(parameters),
            TaskType::Custom => custom::plan(parameters),
            TaskType::Analysis => analysis::plan(spec, parameters),
            other => Err(PlanErrors::one(not_built(other))),
        }
    }

    /// Turns one capability and its arguments into a plan of one step.
    pub fn invoke(
        &self,
        agent: AgentKind,
        capability: &str,
        parameters: &Value,
    ) -> Result<Plan, PlanErrors> {
        invocation::plan(agent, capability, storable(parameters)?)
    }

    /// Every agent that a plan may name, with what can be asked of it.
    pub fn agents(&self) -> Vec<AgentCard> {
        card::all()
    }

    /// Steps that ask a model, and so read what a user tells their task: by agent, and by capability where they name one.
    pub fn readers(&self) -> Vec<(AgentKind, Option<&'static str>)> {
        registry::readers()
    }

    /// Ids of the languages that this build knows; what workers provide beside them is no language.
    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        ninja_tools::languages()
    }

    /// The task types that this build can plan.
    pub const fn task_types(&self) -> &'static [TaskType] {
        &[TaskType::Analysis, TaskType::Custom]
    }

    /// The templates that come with the product.
    pub fn templates(&self) -> Vec<Template> {
        templates::builtin()
    }

    /// JSON Schema of the parameters of a task type, defaults in place.
    pub fn parameters_schema(&self, task_type: TaskType) -> Value {
        parameters::schema(task_type)
    }

    fn drill(self, parameters: &Map<String, Value>) -> Result<Plan, PlanErrors> {
        if self.drill {
            return drill::plan(parameters);
        }
        let message = format!(
            "is the drill, which is switched off in this installation; available: {}",
            available()
        );
        Err(PlanErrors::one(Fault::new("/parameters/agent", "not_available", message)))
    }
}

/// What can be named in a plan, for people: `coder (code_execution)`.
pub(crate) fn available() -> String {
    let agents = registry::offered().map(|agent| {
        let names: Vec<_> = agent.capabilities.iter().map(|it| it.spec().name).collect();
        format!("{} ({})", agent.kind, names.join(", "))
    });
    agents.collect::<Vec<_>>().join("; ")
}

fn not_built(task_type: TaskType) -> Fault {
    let message = format!(
        "`{task_type}` is not in this build; available: analysis; custom, with `parameters.steps` of {}",
        available()
    );
    Fault::new("/task_type", "not_available", message)
}

/// The parameters, if they are an object that can be stored.
fn storable(parameters: &Value) -> Result<&Map<String, Value>, PlanErrors> {
    let Value::Object(fields) = parameters else {
        let fault = Fault::new("/parameters", "wrong_type", "must be an object");
        return Err(PlanErrors::one(fault));
    };
    let faults = unstorable(parameters, "/parameters");
    if faults.is_empty() { Ok(fields) } else { Err(PlanErrors::of(faults)) }
}

/// Every text, name or value, with a NUL character: PostgreSQL keeps none in JSON.
fn unstorable(value: &Value, at: &str) -> Vec<Fault> {
    let fault = |at: &str| Fault::new(at, "pattern", "must not hold a NUL character");
    match value {
        Value::String(text) if text.contains('\0') => vec![fault(at)],
        Value::Array(items) => {
            let below = |(i, item)| unstorable(item, &format!("{at}/{i}"));
            items.iter().enumerate().flat_map(below).collect()
        }
        Value::Object(fields) => {
            if fields.keys().any(|name| name.contains('\0')) {
                return vec![fault(at)];
            }
            let below =
                |(name, value): (&String, _)| unstorable(value, &format!("{at}/{}", escape(name)));
            fields.iter().flat_map(below).collect()
        }
        _ => vec![],
    }
}

#[cfg(test)]
mod tests;
