use std::time::Duration;

use ninja_config::{DatabaseConfig, MigrateSettings};
use ninja_db::{ConnectOptions, DbError};
use serde_json::json;

use crate::Environment;
use crate::error::{CliError, CliResult};
use crate::screen::Screen;

/// Applies what is pending and tells its names.
pub(super) async fn migrate(environment: &Environment, screen: &Screen) -> CliResult<()> {
    let settings = MigrateSettings::load(environment.pairs())?;
    let applied = ninja_db::migrate::run(&connect_options(&settings.database)).await;
    let applied = applied.map_err(|error| database(&error))?;
    if screen.is_json() {
        screen.document(&json!({ "applied": applied }));
    } else if applied.is_empty() {
        screen.line("The database is up to date.");
    } else {
        for name in applied {
            screen.line(&format!("applied {name}"));
        }
    }
    Ok(())
}

/// One connection with the patience of a command line.
pub(super) fn connect_options(database: &DatabaseConfig) -> ConnectOptions {
    ConnectOptions {
        url: database.full_url(),
        pool_size: 1,
        acquire: Duration::from_secs(10),
        statement: Duration::from_secs(30),
        lock: Duration::from_secs(10),
        name: "ninjactl",
    }
}

/// A failure of the database with its causes.
pub(super) fn database(error: &DbError) -> CliError {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        told = format!("{told}: {next}");
        cause = next.source();
    }
    CliError::Database(told)
}
