use std::io::IsTerminal;

use ninja_config::{LogFormat, TelemetryConfig};
use tracing_subscriber::EnvFilter;

/// Starts the log: pretty on a terminal, else JSON, one object a line on stderr. An error is a sentence about the setting.
pub fn start(config: &TelemetryConfig) -> Result<(), String> {
    // genai logs what providers answer, which may quote keys and prompts; h2 logs headers.
    let filter = EnvFilter::try_new(format!("{},genai=off,h2=info", config.log_level))
        .map_err(|error| format!("NINJA_TELEMETRY__LOG_LEVEL: {error}"))?;
    let pretty = match config.log_format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if pretty {
        log.try_init()
    } else {
        log.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    started.map_err(|error| format!("the log cannot be started: {error}"))
}
