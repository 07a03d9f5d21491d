use ninja_tools::{RunProgram, Tool};
use ninja_types::{Failure, FailureCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Evidence;
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
    /// A program of ours was run and exited with 0.
    ProgramExited,
    /// The tables that the output says it was computed from are those that were given, by hash and in order.
    TablesUnchanged,
    /// A model said that its work is whole.
    Finished,
    /// The output has the shape that the capability announces.
    SchemaValid,
    /// Every number of the text is a reference to a result, as `output.grounding` lists them.
    NumbersHold,
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
    /// Judges `output` by the evidence; fails with `contract_failed` naming all checks.
    pub(crate) fn hold<O: JsonSchema>(
        &self,
        output: &Value,
        evidence: &Evidence,
    ) -> Result<Vec<CheckResult>, StepError> {
        let results: Vec<_> =
            self.checks.iter().map(|check| check.judge::<O>(output, evidence)).collect();
        if results.iter().all(|result| result.passed) {
            return Ok(results);
        }
        let broken: Vec<_> = results.iter().filter(|r| !r.passed).map(|r| r.name).collect();
        let message = format!("What this capability promises did not hold: {}.", broken.join(", "));
        let failure = Failure::new(FailureCode::ContractFailed, message);
        Err(StepError::Fail(failure.with(json!({ "checks": results }))))
    }
}

impl Evidence {
    fn call(&self, tool: &str) -> Option<i32> {
        self.calls.iter().find(|(_, name)| *name == tool).map(|(no, _)| *no)
    }
}

impl Check {
    fn judge<O: JsonSchema>(self, output: &Value, evidence: &Evidence) -> CheckResult {
        match self {
            Self::CallRecorded { tool } => {
                let call = evidence.call(tool);
                CheckResult {
                    name: "call_recorded",
                    passed: call.is_some(),
                    detail: json!({ "tool": tool, "call_no": call }),
                }
            }
            // A program that ends otherwise ends its step, so the call that is there exited with 0.
            Self::ProgramExited => {
                let call = evidence.call(RunProgram::SPEC.name);
                CheckResult {
                    name: "exit_code",
                    passed: call.is_some(),
                    detail: json!({ "call_no": call, "exit_code": 0 }),
                }
            }
            Self::TablesUnchanged => {
                let files = output.pointer("/inputs/files").and_then(Value::as_array);
                let read: Option<Vec<_>> =
                    files.map(|files| files.iter().map(|file| file["sha256"].as_str()).collect());
                let given: Vec<_> = evidence.tables.iter().map(Option::as_deref).collect();
                CheckResult {
                    name: "file_hash",
                    passed: read.as_ref() == Some(&given),
                    detail: json!({ "given": given, "read": read }),
                }
            }
            Self::NumbersHold => {
                let unsupported =
                    output.pointer("/grounding/unsupported").and_then(Value::as_array);
                let supported = output.pointer("/grounding/supported");
                CheckResult {
                    name: "numbers_hold",
                    passed: unsupported.is_some_and(Vec::is_empty),
                    detail: json!({ "supported": supported, "unsupported": unsupported }),
                }
            }
            Self::Finished => CheckResult {
                name: "finished",
                passed: evidence.finished.is_some(),
                detail: json!({ "call_no": evidence.finished }),
            },
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
        let made = |calls: &[(i32, &'static str)]| Evidence {
            calls: calls.to_vec(),
            ..Evidence::default()
        };
        assert!(contract.hold::<Output>(&json!({ "n": 1 }), &made(&[(1, "run_code")])).is_ok());
        for (output, calls) in [
            (json!({ "n": 1 }), made(&[])),
            (json!({ "n": 1 }), made(&[(1, "read_file")])),
            (json!({ "n": "one" }), made(&[(1, "run_code")])),
        ] {
            let Err(StepError::Fail(failure)) = contract.hold::<Output>(&output, &calls) else {
                panic!("held: {output} {calls:?}");
            };
            assert_eq!(failure.code, FailureCode::ContractFailed);
            assert_eq!(failure.data["checks"].as_array().map(Vec::len), Some(2));
        }
    }

    #[test]
    fn a_result_must_be_computed_from_the_tables_that_were_given() {
        let contract = Contract { checks: vec![Check::ProgramExited, Check::TablesUnchanged] };
        let evidence = |tables: &[Option<&str>]| Evidence {
            calls: vec![(1, "run_program")],
            tables: tables.iter().map(|sha256| sha256.map(str::to_owned)).collect(),
            finished: None,
        };
        let output = json!({ "inputs": { "files": [{ "sha256": "aa" }, { "sha256": null }] } });
        assert!(contract.hold::<Output>(&output, &evidence(&[Some("aa"), None])).is_ok());
        for other in [&[Some("bb"), None][..], &[Some("aa")], &[], &[None, Some("aa")]] {
            assert!(contract.hold::<Output>(&output, &evidence(other)).is_err(), "{other:?}");
        }
        assert!(contract.hold::<Output>(&json!({}), &evidence(&[])).is_err());
    }
}
