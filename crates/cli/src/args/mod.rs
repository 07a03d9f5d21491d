use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use url::Url;
use uuid::Uuid;

mod provider;
mod task;

pub(crate) use provider::{ProviderAdd, ProviderCommand};
pub(crate) use task::{TaskAnalyse, TaskCommand, TaskCreate, TaskList};

/// Commands of iTechSmart Ninja.
#[derive(Debug, Parser)]
#[command(
    name = "ninjactl",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 ok, 1 task or remote failure, 2 usage, 3 exists already, 4 not logged in or not allowed, 78 settings, 130 interrupted."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// One JSON document on standard output; everything else on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing about the way there.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Where the API is, without a path. Default: where you logged in, else <http://127.0.0.1:8080>.
    #[arg(long, global = true, env = "NINJA_API_URL", value_name = "URL")]
    pub(crate) api_url: Option<Url>,
    /// Which login to use, if you have several.
    #[arg(long, global = true, env = "NINJA_PROFILE", default_value = "default", value_parser = profile)]
    pub(crate) profile: String,
}

/// The commands of both kinds of people.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    User(UserCommand),
    #[command(flatten)]
    Operator(OperatorCommand),
}

/// Commands for users: they speak to the API. `NINJA_API_KEY`, if set, is shown instead of a login.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Log in and keep the login in a file that only you can read.
    Login(Login),
    /// End the login.
    Logout,
    /// Show who you are, your limits and what you used today.
    Whoami,
    /// Create, watch and end tasks.
    #[command(subcommand)]
    Task(TaskCommand),
    /// Upload and download files.
    #[command(subcommand)]
    File(FileCommand),
    /// List and download what tasks made.
    #[command(subcommand)]
    Artifact(ArtifactCommand),
    /// Providers of models, for administrators.
    #[command(subcommand)]
    Provider(ProviderCommand),
}

#[derive(Args, Debug)]
pub(crate) struct Login {
    /// E-mail address or username; asked for if left out.
    pub(crate) who: Option<String>,
    /// Read the password from standard input instead of asking.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Upload files.
    Upload {
        /// Paths here.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Download a file.
    Download(Place),
    /// List your files, newest first.
    List {
        /// Only of this kind: text, code, table, document, image, archive.
        #[arg(long)]
        kind: Option<String>,
        /// Only with this text in the name.
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Place {
    /// Its id.
    pub(crate) id: Uuid,
    /// Where to: a path, a folder, or `-` for standard output. Default: its own name, here.
    #[arg(long, short, value_name = "PATH|-")]
    pub(crate) output: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArtifactCommand {
    /// List what a task made.
    List {
        /// The task's id.
        task: Uuid,
    },
    /// Download an artifact, or all of a task.
    Download {
        #[command(flatten)]
        one: Place,
        /// The id is a task's: download all its artifacts, with their folders, into --output.
        #[arg(long)]
        all: bool,
    },
}

/// Commands for operators: they speak to the engines, with the settings of the processes (`NINJA_SECTION__KEY`).
#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Bring the database to this version. Two at once: one works, both end well.
    Migrate,
    /// Make the first administrator, with a random password that is printed once.
    CreateAdmin(CreateAdmin),
    /// Write the generated secrets of an installation into a folder; what exists is kept.
    InitSecrets(InitSecrets),
    /// Seal all stored secrets anew under the first master key, while everything runs.
    RotateKeys,
    /// Check the settings; tells all faults at once and exits with 78.
    CheckConfig,
    /// Print the OpenAPI document of this version.
    Openapi,
    /// Print the completions of a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Print a generated file of the repository.
    #[command(subcommand, hide = true)]
    Docs(Page),
}

#[derive(Args, Debug)]
pub(crate) struct CreateAdmin {
    /// Its address. Default: the setting `NINJA_AUTH__ADMIN_EMAIL`.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// Read the password from standard input instead of making one.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Give an existing account a new password and the role admin, and end its logins.
    #[arg(long)]
    pub(crate) reset: bool,
}

#[derive(Args, Debug)]
pub(crate) struct InitSecrets {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Host of PostgreSQL in the URL.
    #[arg(long, default_value = "postgres")]
    pub(crate) postgres_host: String,
    /// Host of Redis in the URL.
    #[arg(long, default_value = "redis")]
    pub(crate) redis_host: String,
}

/// The files of the repository that are made from declarations.
#[derive(Debug, Subcommand)]
pub(crate) enum Page {
    /// `.env.example`
    EnvExample,
    /// `docs/configuration.md`
    Configuration,
}

fn profile(name: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
        return Err("1 to 64 letters, digits, - or _".to_owned());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn the_page_of_the_commands_names_every_one() {
        let page = include_str!("../../../../docs/cli.md");
        let mut commands = Vec::new();
        leaves(&super::Cli::command(), "", &mut commands);
        let missing: Vec<_> =
            commands.iter().filter(|one| !page.contains(&format!("`{one}"))).collect();
        assert!(commands.len() > 15 && missing.is_empty(), "docs/cli.md does not name {missing:?}");
    }

    fn leaves(command: &Command, path: &str, into: &mut Vec<String>) {
        for one in command.get_subcommands().filter(|one| !one.is_hide_set()) {
            let path = format!("{path} {}", one.get_name()).trim().to_owned();
            if one.has_subcommands() { leaves(one, &path, into) } else { into.push(path) }
        }
    }
}
