use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Providers of models, for administrators.
#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    /// Add a provider. Its key comes from a file or from standard input, never from the command line.
    Add(ProviderAdd),
    /// List the providers in the order in which they are asked.
    List,
    /// Ask a provider whether it works.
    Test {
        /// Its name, or its id.
        provider: String,
    },
    /// Let a provider be asked.
    Enable {
        /// Its name, or its id.
        provider: String,
    },
    /// Let a provider not be asked any more.
    Disable {
        /// Its name, or its id.
        provider: String,
    },
    /// Remove a provider and its key.
    Remove {
        /// Its name, or its id.
        provider: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct ProviderAdd {
    /// openai, anthropic, google, deepseek, ollama or compatible.
    pub(crate) kind: String,
    /// Its name in `provider/model`; only of a compatible one.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where it is. Default: the vendor's own address.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// A file that holds the key.
    #[arg(long, value_name = "PATH", conflicts_with = "key_stdin")]
    pub(crate) key_file: Option<PathBuf>,
    /// Read the key from standard input.
    #[arg(long)]
    pub(crate) key_stdin: bool,
    /// A model that it has; may be given several times.
    #[arg(long = "model", value_name = "NAME")]
    pub(crate) models: Vec<String>,
    /// Its calls cost nothing.
    #[arg(long)]
    pub(crate) self_hosted: bool,
    /// Lower comes first.
    #[arg(long)]
    pub(crate) priority: Option<i32>,
}
