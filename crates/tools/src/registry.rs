use schemars::schema_for;
use serde_json::Value;

use crate::{RunCode, RunProgram, SaveArtifact, Tool, ToolSpec};

/// One tool, as it is offered.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Name, effect, description.
    pub spec: ToolSpec,
    /// JSON Schema of its arguments.
    pub arguments: Value,
}

/// Every tool there is: one line each.
pub fn all() -> Vec<Listed> {
    vec![listed::<RunCode>(), listed::<RunProgram>(), listed::<SaveArtifact>()]
}

fn listed<T: Tool>() -> Listed {
    Listed { spec: T::SPEC, arguments: schema_for!(T::Args).to_value() }
}
