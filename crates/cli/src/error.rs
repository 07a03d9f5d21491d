use std::io;

use ninja_config::{EXIT_CONFIG, Faults};

use crate::client::Problem;

/// What a command answers.
pub(crate) type CliResult<T> = Result<T, CliError>;

/// Every way in which a command fails. Its text is what the person reads.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The command line is wrong in a way that clap cannot see.
    #[error("{0}")]
    Usage(String),
    /// The settings cannot be used.
    #[error("The settings cannot be used:\n{0}")]
    Config(#[from] Faults),
    /// No identity.
    #[error("You are not logged in to {0}. Run: ninjactl login")]
    NotLoggedIn(String),
    /// The login is over and cannot be refreshed.
    #[error("Your login has ended ({0}). Run: ninjactl login")]
    LoginEnded(String),
    /// The API refused.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// Nobody answers there.
    #[error("{url} does not answer: {cause}")]
    Unreachable {
        /// Where.
        url: String,
        /// The innermost reason.
        cause: String,
    },
    /// Something answers that is not our API.
    #[error("{url} does not answer like the API of iTechSmart Ninja: {what}")]
    Strange {
        /// Where.
        url: String,
        /// What was strange.
        what: String,
    },
    /// A file of this machine.
    #[error("{what}: {source}")]
    File {
        /// What was tried, with the path.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// Bytes came that are not those that were promised.
    #[error("{0} arrived damaged: its SHA-256 is not the one that the server names")]
    Damaged(String),
    /// The task ended, but not well; the view has said how.
    #[error("The task {0}.")]
    TaskEnded(String),
    /// The program of `task create --run` ended badly; the view has said how.
    #[error("The program {0}.")]
    ProgramEnded(String),
    /// The provider of models does not answer; the view has said what was asked.
    #[error("The provider does not work: {0}")]
    ProviderFailed(String),
    /// An account of this address exists.
    #[error(
        "{0} exists already; nothing was changed. Another password: ninjactl create-admin --reset"
    )]
    AccountExists(String),
    /// The database refused or is away.
    #[error("{0}")]
    Database(String),
    /// Something of ours that cannot happen.
    #[error("{0}")]
    Internal(String),
    /// The person pressed Ctrl-C.
    #[error("Interrupted. What was begun on the server goes on there.")]
    Interrupted,
}

impl CliError {
    /// 0 ok, 1 task or remote failure, 2 usage, 3 exists already, 4 identity, 78 settings, 130 interrupted.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::AccountExists(_) => 3,
            Self::NotLoggedIn(_) | Self::LoginEnded(_) => 4,
            Self::Refused(problem) if problem.is_about_identity() => 4,
            Self::Config(_) => EXIT_CONFIG,
            Self::Interrupted => 130,
            _ => 1,
        }
    }

    /// For [`Result::map_err`]: a file of this machine, and what was tried with it.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::File { what, source }
    }
}
