//! `ninja-api`: reads the environment, listens, serves until it is told to stop.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ninja_config::{Config, EXIT_CONFIG, LogFormat, TelemetryConfig};
use ninja_types::Clock;
use tracing_subscriber::EnvFilter;

/// The HTTP API of iTechSmart Ninja. Settings: NINJA_* variables, see `ninjactl check-config`.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (what happens without a command).
    Serve,
    /// Ask the API of this machine whether it is ready; exit 0 if it is. For container health checks.
    Health,
}

fn main() -> ExitCode {
    // First of all: nobody of the same user may read the keys out of /proc/<pid>/environ or the memory.
    if rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .is_err()
    {
        return ExitCode::FAILURE;
    }
    let args = Args::parse();
    let config = match Config::load(std::env::vars()) {
        Ok(config) => config,
        Err(faults) => {
            complain(&faults.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    if matches!(args.command, Some(Command::Health)) {
        return if is_ready(config.server.bind) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    log(&config.telemetry);
    for unknown in &config.unknown {
        tracing::warn!("{unknown}");
    }
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let causes = std::iter::successors(Some(&*error), |cause| cause.source());
            let text: Vec<String> = causes.map(ToString::to_string).collect();
            tracing::error!("cannot serve: {}", text.join(": "));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    // Every TLS connection of the process uses this provider; set twice is no fault.
    let _known = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let app = ninja_api::App::new(config, Clock::default())?;
    app.check_keys().await?;
    ninja_api::listen(app)?.serve().await?;
    Ok(())
}

fn log(telemetry: &TelemetryConfig) {
    let pretty = match telemetry.log_format {
        LogFormat::Pretty => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::IsTerminal::is_terminal(&std::io::stderr()),
    };
    let filter =
        EnvFilter::try_new(&telemetry.log_level).unwrap_or_else(|_bad| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if pretty {
        lines.init();
    } else {
        lines.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
}

#[expect(clippy::print_stderr, reason = "there is no log before the settings are read")]
fn complain(text: &str) {
    eprintln!("{text}");
}

/// Asks `/readyz` over a plain socket: a health check needs no HTTP client.
fn is_ready(mut address: std::net::SocketAddr) -> bool {
    use std::io::{Read, Write};
    use std::net::{IpAddr, Ipv4Addr, TcpStream};
    use std::time::Duration;

    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let patience = Some(Duration::from_secs(3));
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(patience)?;
        stream.set_write_timeout(patience)?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}
