//! `ninja-worker`: serves pools. Nothing but the environment is read here.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ninja_config::{EXIT_CONFIG, WorkerSettings};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};

/// Runs the steps of tasks. Settings come from the environment, NINJA_*; these options win over them.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The pools to serve, for example coder,debugger
    #[arg(long)]
    pools: Option<String>,
    /// What to do: steps, sweeper
    #[arg(long)]
    roles: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Asks the worker of this machine whether it is ready
    Health,
}

fn main() -> ExitCode {
    // First of all: programs of users run under this process, and must read neither its memory nor its environment.
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        return refuse(&format!("this process cannot be closed to others: {error}"), 1);
    }
    let args = Args::parse();
    let settings = match WorkerSettings::load(environment(&args)) {
        Ok(settings) => settings,
        Err(faults) => return refuse(&faults.to_string(), EXIT_CONFIG),
    };
    if let Some(Command::Health) = args.command {
        return match ninja_worker::ask(settings.worker.bind) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => refuse(&reason, 1),
        };
    }
    if let Err(reason) = ninja_worker::start_telemetry(&settings.telemetry) {
        return refuse(&reason, EXIT_CONFIG);
    }
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return refuse("a TLS provider was installed twice", 1);
    }
    match ninja_worker::run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause: &dyn std::error::Error = &error;
            tracing::error!(error = cause, "the worker cannot run");
            ExitCode::FAILURE
        }
    }
}

/// The environment's pairs, with what the command line says put over them.
fn environment(args: &Args) -> impl Iterator<Item = (String, String)> {
    let over = [("NINJA_WORKER__POOLS", &args.pools), ("NINJA_WORKER__ROLES", &args.roles)];
    let over: Vec<(String, String)> = over
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
        .collect();
    let named = over.clone();
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(move |(name, _)| !named.iter().any(|(over, _)| over == name))
        .chain(over)
}

#[expect(clippy::print_stderr, reason = "there is no log yet")]
fn refuse(reason: &str, code: u8) -> ExitCode {
    eprintln!("ninja-worker: {reason}");
    ExitCode::from(code)
}
