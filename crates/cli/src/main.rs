//! `ninjactl`: the commands of operators (`operator/`) and of users (`user/`), who speak to the API through `client/`.
//!
//! Only this file reads the environment. What a command prints goes through `screen.rs`: results to standard output,
//! everything about the way there to standard error. How a command ends is `error.rs`. Read `args.rs` first.

mod args;
mod client;
mod error;
mod operator;
mod screen;
mod user;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::error::{CliError, CliResult};
use crate::screen::Screen;

/// What the commands may know about the environment.
#[derive(Debug)]
pub(crate) struct Environment {
    /// All variables whose names and values are text.
    pub(crate) variables: Vec<(String, String)>,
}

impl Environment {
    /// The value of a variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// The variables as `ninja_config` takes them.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.variables.clone().into_iter()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    // Fails only if a provider is there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let environment = Environment { variables: std::env::vars_os().filter_map(text).collect() };
    let screen = Screen::new(&cli.global, &environment);
    let ended = tokio::select! {
        ended = run(cli, &environment, &screen) => ended,
        _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen.failure(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: Cli, environment: &Environment, screen: &Screen) -> CliResult<()> {
    match cli.command {
        Command::Operator(command) => operator::run(command, environment, screen).await,
        Command::User(command) => {
            Box::pin(user::run(command, &cli.global, environment, screen)).await
        }
    }
}
