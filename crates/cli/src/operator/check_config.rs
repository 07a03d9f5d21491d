use ninja_config::Config;
use serde_json::json;

use crate::Environment;
use crate::error::CliResult;
use crate::screen::Screen;

/// Checks all settings at once.
pub(super) fn check_config(environment: &Environment, screen: &Screen) -> CliResult<()> {
    let checked = Config::check(environment.pairs());
    if screen.is_json() {
        let faults = checked.as_ref().err().map(ninja_config::Faults::list).unwrap_or_default();
        let faults: Vec<_> = faults
            .iter()
            .map(|one| json!({"variable": one.variable, "reason": one.reason, "example": one.example}))
            .collect();
        screen.document(&json!({ "ok": checked.is_ok(), "faults": faults }));
    }
    checked?;
    screen.note("The settings are good.");
    Ok(())
}
