//! A question without a plan: one step of the Writer, which asks a model.

use ninja_types::{AgentKind, PlanSource};
use serde_json::{Map, Value, json};

use crate::plan::{Plan, PlanStep};

/// The plan; `parameters` are stored as they are.
pub(crate) fn plan(parameters: &Map<String, Value>) -> Plan {
    let step = PlanStep {
        key: "answer".to_owned(),
        agent: AgentKind::Writer,
        capability: None,
        description: "Answer the question.".to_owned(),
        required: true,
        depends_on: Vec::new(),
        requires: Vec::new(),
        inputs: json!({ "parameters": {}, "files": [] }),
    };
    Plan {
        source: PlanSource::Template,
        parameters: Value::Object(parameters.clone()),
        steps: vec![step],
        files: Vec::new(),
        artifacts: Vec::new(),
        languages: Vec::new(),
        not_done: Vec::new(),
    }
}
