use serde_json::Value;

use super::text;
use crate::error::CliError;

/// Whether a task has a terminal status.
pub(super) fn has_ended(task: &Value) -> bool {
    ["completed", "failed", "cancelled"].iter().any(|status| task["status"] == *status)
}

/// How a task ended, as the command's own end.
pub(super) fn of_task(task: &Value) -> Result<(), CliError> {
    match task["status"].as_str() {
        Some("completed") => Ok(()),
        Some("failed") => Err(CliError::TaskEnded(format!(
            "failed: {} ({})",
            text(&task["error"]["message"]),
            text(&task["error"]["code"])
        ))),
        _ => Err(CliError::TaskEnded(format!("is {}", text(&task["status"])))),
    }
}

/// How the program of a step ended, if it did not end well: `ended with exit code 1`.
pub(super) fn of_program(result: &Value) -> Option<String> {
    let cause = result["cause"].as_str();
    match (result["status"].as_str()?, cause, result["exit_code"].as_i64(), &result["signal"]) {
        ("ok", ..) => None,
        (_, Some("compile"), ..) => Some("was refused by the compiler".to_owned()),
        (_, Some("not_executed"), ..) => Some("could not be started".to_owned()),
        (_, Some(cause), ..) => Some(format!("was stopped: {}", cause.replace('_', " "))),
        (_, None, Some(code), _) => Some(format!("ended with exit code {code}")),
        (_, None, None, Value::Null) => Some("did not end well".to_owned()),
        (_, None, None, signal) => Some(format!("was ended by signal {}", text(signal))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_end_of_a_program_is_told_in_words() {
        let ends = [
            (json!({"status": "ok", "exit_code": 0}), None),
            (json!({"status": "error", "exit_code": 3}), Some("ended with exit code 3")),
            (
                json!({"status": "error", "cause": "compile", "exit_code": 1}),
                Some("was refused by the compiler"),
            ),
            (
                json!({"status": "killed", "cause": "memory_limit", "signal": 9}),
                Some("was stopped: memory limit"),
            ),
            (json!({"status": "killed", "signal": 11}), Some("was ended by signal 11")),
        ];
        for (result, told) in ends {
            assert_eq!(of_program(&result).as_deref(), told);
        }
    }
}
