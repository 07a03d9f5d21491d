use ninja_types::AgentKind;

use crate::capability::AnyCapability;
use crate::coder::CodeExecution;
use crate::noop::Drill;

/// One agent: what it can be asked by name, and what it does when a step names nothing.
pub(crate) struct Agent {
    pub(crate) kind: AgentKind,
    pub(crate) capabilities: &'static [&'static dyn AnyCapability],
    pub(crate) unnamed: Option<&'static dyn AnyCapability>,
}

/// Every agent of this build: one line each, and one name per capability.
const AGENTS: &[Agent] = &[
    Agent { kind: AgentKind::Coder, capabilities: &[&CodeExecution], unnamed: None },
    Agent { kind: AgentKind::Noop, capabilities: &[], unnamed: Some(&Drill) },
];

/// The agent, if this build has it.
pub(crate) fn agent(kind: AgentKind) -> Option<&'static Agent> {
    AGENTS.iter().find(|agent| agent.kind == kind)
}

/// The agents that a plan may name, and the capabilities of each.
pub(crate) fn offered() -> impl Iterator<Item = (AgentKind, Vec<&'static str>)> {
    AGENTS.iter().filter(|agent| !agent.capabilities.is_empty()).map(|agent| {
        (agent.kind, agent.capabilities.iter().map(|capability| capability.spec().name).collect())
    })
}

impl Agent {
    /// What a step of this agent runs.
    pub(crate) fn capability(&self, name: Option<&str>) -> Option<&'static dyn AnyCapability> {
        match name {
            None => self.unnamed,
            Some(name) => {
                self.capabilities.iter().copied().find(|capability| capability.spec().name == name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    /// The contract suite: what must hold of everything that is registered.
    #[test]
    fn every_capability_has_a_name_of_its_own_a_sentence_and_a_schema_that_describes_each_field() {
        let mut names = Vec::new();
        for agent in AGENTS {
            for capability in agent.capabilities.iter().chain(agent.unnamed.iter()) {
                let spec = capability.spec();
                names.push(spec.name);
                assert!(spec.description.ends_with('.'), "{}", spec.name);
                let arguments = capability.arguments();
                assert!(jsonschema::validator_for(&arguments).is_ok(), "{}", spec.name);
                assert_eq!(arguments["additionalProperties"], false, "{}", spec.name);
                let fields = arguments["properties"].as_object().expect("arguments are an object");
                for (field, schema) in fields {
                    let described = schema["description"].as_str().is_some_and(|t| !t.is_empty());
                    assert!(described, "{}.{field} has no description", spec.name);
                }
                let faults = schema::check(&arguments, &serde_json::json!({ "nonsense": 1 }), "");
                assert!(faults.iter().any(|f| f.code == "unknown_field"), "{}", spec.name);
            }
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two capabilities share a name");
    }

    #[test]
    fn the_argument_schemas_are_what_clients_were_told() {
        let coder = agent(AgentKind::Coder).expect("the coder is there");
        let execution = coder.capability(Some("code_execution")).expect("it runs programs");
        insta::assert_json_snapshot!("code_execution", execution.arguments());
    }
}
