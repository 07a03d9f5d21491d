use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use url::Url;
use uuid::Uuid;

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
pub(crate) enum TaskCommand {
    /// Create a task: run a program of yours, or any task by its parameters.
    Create(Box<TaskCreate>),
    /// Watch a task live: its events on standard error, its programs' output on standard output.
    Watch(TaskWatch),
    /// Show one task.
    Get {
        /// Its id.
        id: Uuid,
        /// Wait up to so many seconds (60 at most) until it has ended.
        #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60))]
        wait_seconds: u32,
    },
    /// List your tasks, newest first.
    List(TaskList),
    /// Cancel a task; its programs are stopped.
    Cancel {
        /// Its id.
        id: Uuid,
        /// Come back when it has ended.
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct TaskCreate {
    /// A program of yours to run in the sandbox. It finds the files beside it, and what it writes becomes artifacts.
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["parameters", "task_type"])]
    pub(crate) run: Option<PathBuf>,
    /// A file for the task: a path here, which is uploaded, or the id of an uploaded file. May be repeated.
    #[arg(long = "file", value_name = "PATH|ID")]
    pub(crate) files: Vec<String>,
    /// The program's language; found by the file name if left out.
    #[arg(long, requires = "run")]
    pub(crate) language: Option<String>,
    /// A text for the program's standard input: a path here, or `-` for this command's own.
    #[arg(long, value_name = "PATH|-", requires = "run")]
    pub(crate) stdin: Option<String>,
    /// A value that the program finds in inputs.json. Is JSON, or else a string. May be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", requires = "run")]
    pub(crate) inputs: Vec<String>,
    /// Seconds that the program may run, 1 to 120.
    #[arg(long, requires = "run", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) timeout: Option<u32>,
    /// The type of the task.
    #[arg(long = "type", value_name = "TYPE", default_value = "custom")]
    pub(crate) task_type: String,
    /// The parameters of the type: JSON, or @FILE with it.
    #[arg(long, value_name = "JSON|@FILE", required_unless_present = "run")]
    pub(crate) parameters: Option<String>,
    /// What the task is for. Made from the files if left out with --run.
    #[arg(long, required_unless_present = "run")]
    pub(crate) description: Option<String>,
    /// A short name for lists.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// `normal` or `high`.
    #[arg(long)]
    pub(crate) priority: Option<String>,
    /// A word to find it by. May be repeated.
    #[arg(long = "tag", value_name = "WORD")]
    pub(crate) tags: Vec<String>,
    /// Makes a repeat of this command answer the same task instead of creating another one.
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// Watch it until it has ended; exit 1 unless it completes.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Watch it, then download everything that it made into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) download: Option<PathBuf>,
    /// Arguments for the program, after `--`.
    #[arg(last = true, requires = "run")]
    pub(crate) args: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct TaskWatch {
    /// Its id.
    pub(crate) id: Uuid,
    /// Begin after this event number.
    #[arg(long, default_value_t = 0)]
    pub(crate) after: i64,
}

#[derive(Args, Debug)]
pub(crate) struct TaskList {
    /// Only with these statuses, separated by commas.
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// Only of these types, separated by commas.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) task_type: Option<String>,
    /// Only with this tag.
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Only with this text in the title.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
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
        let page = include_str!("../../../docs/cli.md");
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
