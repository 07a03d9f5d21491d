use ninja_agents::{AgentCard, CapabilityCard};
use ninja_types::{AgentKind, Effect, FailureCode, Pool};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fleet::Fleet;

/// An agent: who does steps of a kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AgentView {
    /// `researcher`, `coder`, `writer`, `analyst` or `debugger`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: AgentKind,
    name: &'static str,
    description: &'static str,
    /// Names of what can be asked of it.
    capabilities: Vec<&'static str>,
    /// What its capabilities call.
    tools: &'static [&'static str],
    /// Ids of the languages that live workers run for it.
    supported_languages: Vec<String>,
    example_tasks: &'static [&'static str],
    #[schema(value_type = String)]
    pool: Pool,
    /// Live workers of its pool.
    workers: usize,
    /// Something can be asked of it, maybe after its pool was scaled up again.
    available: bool,
}

/// What can be asked of an agent by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CapabilityView {
    name: &'static str,
    description: &'static str,
    /// JSON Schema of what it takes.
    #[schema(value_type = Object)]
    parameters: Value,
    /// JSON Schema of what it answers.
    #[schema(value_type = Object)]
    result: Value,
    /// What a takeover may do with a call of it that was never answered.
    #[schema(value_type = String)]
    effect: Effect,
    /// `model`, `search`, `language:<id>`.
    needs: Vec<String>,
    available: bool,
    /// What a task would fail with now.
    #[schema(value_type = Option<String>)]
    unavailable_code: Option<FailureCode>,
    /// Parameters to start from.
    #[schema(value_type = Object)]
    example: Value,
}

impl AgentView {
    pub(super) fn of(card: &AgentCard, fleet: &Fleet) -> Self {
        let runs_code = card.tools.contains(&"run_code");
        let executed = |(id, words): (String, Vec<super::fleet::Published>)| {
            words.iter().any(|word| word.version.is_some()).then_some(id)
        };
        let languages = fleet.languages().into_iter().filter_map(executed);
        let asked = |one: &CapabilityCard| fleet.unavailable(card, one).is_none();
        Self {
            kind: card.kind,
            name: card.name,
            description: card.description,
            capabilities: card.capabilities.iter().map(|one| one.name).collect(),
            tools: card.tools,
            supported_languages: if runs_code { languages.collect() } else { vec![] },
            example_tasks: card.example_tasks,
            pool: card.pool,
            workers: fleet.workers(card.pool),
            available: card.capabilities.iter().any(asked),
        }
    }
}

impl CapabilityView {
    pub(super) fn of(agent: &AgentCard, card: &CapabilityCard, fleet: &Fleet) -> Self {
        let unavailable_code = fleet.unavailable(agent, card);
        Self {
            name: card.name,
            description: card.description,
            parameters: card.parameters.clone(),
            result: card.result.clone(),
            effect: card.effect,
            needs: card.needs(),
            available: unavailable_code.is_none(),
            unavailable_code,
            example: card.example.clone(),
        }
    }
}
