//! The commands of operators: they use the engines directly, with the settings of the processes.

mod check_config;
mod create_admin;
mod init_secrets;
mod migrate;
mod random;
mod rotate_keys;

use clap::CommandFactory;

use crate::Environment;
use crate::args::{Cli, OperatorCommand, Page};
use crate::error::{CliError, CliResult};
use crate::screen::Screen;

/// Runs one command.
pub(crate) async fn run(
    command: OperatorCommand,
    environment: &Environment,
    screen: &Screen,
) -> CliResult<()> {
    match command {
        OperatorCommand::Migrate => migrate::migrate(environment, screen).await,
        OperatorCommand::CreateAdmin(args) => {
            create_admin::create_admin(&args, environment, screen).await
        }
        OperatorCommand::InitSecrets(args) => init_secrets::init_secrets(&args, screen),
        OperatorCommand::RotateKeys => rotate_keys::rotate_keys(environment, screen).await,
        OperatorCommand::CheckConfig => check_config::check_config(environment, screen),
        OperatorCommand::Openapi => {
            let document = serde_json::to_value(ninja_api::openapi())
                .map_err(|error| CliError::Internal(error.to_string()))?;
            screen.document(&document);
            Ok(())
        }
        OperatorCommand::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ninjactl", &mut script);
            screen.output(&String::from_utf8_lossy(&script));
            Ok(())
        }
        OperatorCommand::Docs(Page::EnvExample) => {
            screen.output(&ninja_config::env_example());
            Ok(())
        }
        OperatorCommand::Docs(Page::Configuration) => {
            screen.output(&ninja_config::configuration_page());
            Ok(())
        }
    }
}
