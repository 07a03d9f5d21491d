use ninja_types::{AgentKind, Effect, Pool};
use serde_json::Value;

use crate::capability::{AnyCapability, Need};
use crate::registry::{self, Agent};

/// An agent of this build, as people choose among them.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentCard {
    /// Which.
    pub kind: AgentKind,
    /// For people.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// What can be asked of it by name.
    pub capabilities: Vec<CapabilityCard>,
    /// What its capabilities call.
    pub tools: &'static [&'static str],
    /// What somebody might ask of it.
    pub example_tasks: &'static [&'static str],
    /// Whose workers run its steps.
    pub pool: Pool,
}

/// A capability, as people and programs choose among them.
#[derive(Clone, Debug, PartialEq)]
pub struct CapabilityCard {
    /// As plans and REST name it.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// JSON Schema of its arguments, defaults in place.
    pub parameters: Value,
    /// JSON Schema of what it answers.
    pub result: Value,
    /// What a takeover may do with its calls.
    pub effect: Effect,
    /// Whether it asks a model.
    pub model: Need,
    /// It needs a search engine.
    pub search: bool,
    /// Languages that its worker must have whatever the arguments, by id.
    pub languages: &'static [&'static str],
    /// Libraries of these languages, by the name of their Debian package.
    pub packages: &'static [&'static str],
    /// Arguments to start from.
    pub example: Value,
}

impl CapabilityCard {
    /// What nothing is done without, in the words of the contract: `model`, `search`, `language:<id>`.
    pub fn needs(&self) -> Vec<String> {
        let model = (self.model == Need::Required).then(|| "model".to_owned());
        let search = self.search.then(|| "search".to_owned());
        let languages = self.languages.iter().map(|id| format!("language:{id}"));
        model.into_iter().chain(search).chain(languages).collect()
    }

    /// What a worker must have in its `provides` to run it.
    pub fn requires(&self) -> impl Iterator<Item = &'static str> {
        self.languages.iter().chain(self.packages).copied()
    }
}

/// Every agent that a plan may name.
pub(crate) fn all() -> Vec<AgentCard> {
    registry::offered().map(of).collect()
}

fn of(agent: &Agent) -> AgentCard {
    AgentCard {
        kind: agent.kind,
        name: agent.name,
        description: agent.description,
        capabilities: agent.capabilities.iter().map(|one| capability(*one)).collect(),
        tools: agent.tools,
        example_tasks: agent.example_tasks,
        pool: agent.kind.pool(),
    }
}

fn capability(capability: &dyn AnyCapability) -> CapabilityCard {
    let spec = capability.spec();
    CapabilityCard {
        name: spec.name,
        description: spec.description,
        parameters: capability.arguments(),
        result: capability.result(),
        effect: spec.effect,
        model: spec.model,
        search: spec.search,
        languages: spec.languages,
        packages: spec.packages,
        example: (spec.example)(),
    }
}
