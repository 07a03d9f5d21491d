use ninja_tools::{RunCode, RunProgram, SaveArtifact, Tool};
use ninja_types::AgentKind;

use crate::analyst::{
    ComparativeAnalysis, DataCleaning, DataVisualization, DescriptiveStatistics,
    ExploratoryAnalysis, StatisticalTesting, TrendAnalysis,
};
use crate::capability::{AnyCapability, Need};
use crate::coder::CodeExecution;
use crate::noop::Drill;
use crate::writer::{Answer, Reports};

/// One agent: what it can be asked by name, and what it does when a step names nothing.
pub(crate) struct Agent {
    pub(crate) kind: AgentKind,
    /// For people.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) description: &'static str,
    /// What somebody might ask of it.
    pub(crate) example_tasks: &'static [&'static str],
    /// What its capabilities call.
    pub(crate) tools: &'static [&'static str],
    pub(crate) capabilities: &'static [&'static dyn AnyCapability],
    pub(crate) unnamed: Option<&'static dyn AnyCapability>,
}

/// Every agent of this build: one entry each, and one name per capability.
const AGENTS: &[Agent] = &[
    Agent {
        kind: AgentKind::Coder,
        name: "Coder",
        description: "Runs programs in the sandbox, with the files that they need.",
        example_tasks: &["Run this script over my table and keep the file that it writes."],
        tools: &[RunCode::SPEC.name],
        capabilities: &[&CodeExecution],
        unnamed: None,
    },
    Agent {
        kind: AgentKind::Analyst,
        name: "Analyst",
        description: "Computes from tables: every number comes from a program that ran over the data.",
        example_tasks: &[
            "Describe these measurements per species, and test whether the species differ.",
            "Does the number of visitors rise, and is there a season?",
        ],
        tools: &[RunProgram::SPEC.name],
        capabilities: &[
            &DescriptiveStatistics,
            &TrendAnalysis,
            &ComparativeAnalysis,
            &DataVisualization,
            &DataCleaning,
            &StatisticalTesting,
            &ExploratoryAnalysis,
        ],
        unnamed: None,
    },
    Agent {
        kind: AgentKind::Writer,
        name: "Writer",
        description: "Writes reports in which every number is one that was computed, and answers questions with a model.",
        example_tasks: &[
            "Write a report of what these statistics say.",
            "Explain to a new colleague what a lease is, and why a worker renews it.",
        ],
        tools: &[SaveArtifact::SPEC.name],
        capabilities: &[&Reports],
        unnamed: Some(&Answer),
    },
    Agent {
        kind: AgentKind::Noop,
        name: "Drill",
        description: "Does nothing, on purpose.",
        example_tasks: &[],
        tools: &[],
        capabilities: &[],
        unnamed: Some(&Drill),
    },
];

/// The agent, if this build has it.
pub(crate) fn agent(kind: AgentKind) -> Option<&'static Agent> {
    AGENTS.iter().find(|agent| agent.kind == kind)
}

/// The agents that a plan may name.
pub(crate) fn offered() -> impl Iterator<Item = &'static Agent> {
    AGENTS.iter().filter(|agent| !agent.capabilities.is_empty())
}

/// What asks a model: a capability by its name, or what an agent does when a step names none.
pub(crate) fn readers() -> Vec<(AgentKind, Option<&'static str>)> {
    let asks = |one: &&dyn AnyCapability| one.spec().model != Need::None;
    let of = |agent: &'static Agent| {
        let named =
            agent.capabilities.iter().copied().filter(asks).map(|one| Some(one.spec().name));
        named.chain(agent.unnamed.filter(asks).map(|_| None)).map(|name| (agent.kind, name))
    };
    AGENTS.iter().flat_map(of).collect()
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
                for (field, schema) in arguments["properties"].as_object().into_iter().flatten() {
                    let described = schema["description"].as_str().is_some_and(|t| !t.is_empty());
                    assert!(described, "{}.{field} has no description", spec.name);
                }
                let faults = schema::check(&arguments, &serde_json::json!({ "nonsense": 1 }), "");
                assert!(faults.iter().any(|f| f.code == "unknown_field"), "{}", spec.name);
                assert!(jsonschema::validator_for(&capability.result()).is_ok(), "{}", spec.name);
            }
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two capabilities share a name");
    }

    #[test]
    fn every_example_is_what_its_capability_takes() {
        for capability in AGENTS.iter().flat_map(|agent| agent.capabilities) {
            let (spec, mut example) = (capability.spec(), (capability.spec().example)());
            let fields = example.as_object_mut().expect("an object");
            schema::fill_defaults(&capability.arguments(), fields);
            let faults = schema::check(&capability.arguments(), &example, "");
            assert!(faults.is_empty(), "{}: {faults:?}", spec.name);
            assert!(capability.needs(&example).is_ok(), "{}", spec.name);
        }
    }

    #[test]
    fn the_argument_schemas_are_what_clients_were_told() {
        let coder = agent(AgentKind::Coder).expect("the coder is there");
        let execution = coder.capability(Some("code_execution")).expect("it runs programs");
        insta::assert_json_snapshot!("code_execution", execution.arguments());
    }
}
