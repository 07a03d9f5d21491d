use ninja_types::{Failure, FailureCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{StepError, schema};

/// What must hold before a step counts as completed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contract {
    /// All of them.
    pub checks: Vec<Check>,
}

/// One promise of a capability, judged from the journal and the output, never from words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The tool was called and its answer is stored.
    CallRecorded {
        /// Which tool.
        tool: &'static str,
    },
    /// The output has the shape that the capability announces.
    SchemaValid,
}

/// What became of a check; stands in the step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckResult {
    /// Which check.
    pub name: &'static str,
    /// It holds.
    pub passed: bool,
    /// Where the evidence is.
    pub detail: Value,
}

impl Contract {
    /// Judges `output` and the calls made, by number; fails with `contract_failed` naming all checks.
    pub(crate) fn hold<O: JsonSchema>(
        &self,
        output: &Value,
        calls: &[(i32, &'static str)],
    ) -> Result<Vec<CheckResult>, StepError> {
        let results: Vec<_> =
            self.checks.iter().map(|check| check.judge::<O>(output, calls)).collect();
        if results.iter().all(|result| result.passed) {
            return Ok(results);
        }
        let broken: Vec<_> = results.iter().filter(|r| !r.passed).map(|r| r.name).collect();
        let message = format!("What this capability promises did not hold: {}.", broken.join(", "));
        let failure = Failure::new(FailureCode::ContractFailed, message);
        Err(StepError::Fail(failure.with(json!({ "checks": results }))))
    }
}

impl Check {
    fn judge<O: JsonSchema>(self, output: &Value, calls: &[(i32, &'static str)]) -> CheckResult {
        match self {
            Self::CallRecorded { tool } => {
                let call = calls.iter().find(|(_, name)| *name == tool).map(|(no, _)| no);
                CheckResult {
                    name: "call_recorded",
                    passed: call.is_some(),
                    detail: json!({ "tool": tool, "call_no": call }),
                }
            }
            Self::SchemaValid => {
                let faults = schema::check(&schema::of_output::<O>(), output, "");
                let detail: Vec<_> =
                    faults.iter().map(|f| format!("{} {}", f.pointer, f.message)).collect();
                CheckResult {
                    name: "schema_valid",
                    passed: faults.is_empty(),
                    detail: json!({ "faults": detail }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Output {
        n: u32,
    }

    #[test]
    fn a_contract_holds_only_with_a_recorded_call_and_a_valid_output() {
        let contract =
            Contract { checks: vec![Check::CallRecorded { tool: "run_code" }, Check::SchemaValid] };
        assert!(contract.hold::<Output>(&json!({ "n": 1 }), &[(1, "run_code")]).is_ok());
        for (output, calls) in [
            (json!({ "n": 1 }), vec![]),
            (json!({ "n": 1 }), vec![(1, "read_file")]),
            (json!({ "n": "one" }), vec![(1, "run_code")]),
        ] {
            let Err(StepError::Fail(failure)) = contract.hold::<Output>(&output, &calls) else {
                panic!("held: {output} {calls:?}");
            };
            assert_eq!(failure.code, FailureCode::ContractFailed);
            assert_eq!(failure.data["checks"].as_array().map(Vec::len), Some(2));
        }
    }
}
