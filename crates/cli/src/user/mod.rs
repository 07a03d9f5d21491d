//! The commands of users. Each file is a noun; what the API answers is shown, never computed.

mod analyse;
mod artifacts;
mod control;
mod create;
mod files;
mod login;
mod outcome;
mod providers;
mod tasks;
mod view;
mod watch;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use url::Url;

use crate::Environment;
use crate::args::{ArtifactCommand, FileCommand, Global, TaskCommand, UserCommand};
use crate::client::{Api, Identity, Keeper};
use crate::error::{CliError, CliResult};
use crate::screen::{Screen, plain};

pub(crate) use login::password_from_stdin;

const HERE: &str = "http://127.0.0.1:8080";

/// What a command of a user works with.
pub(super) struct Desk<'a> {
    pub(super) api: Api,
    pub(super) screen: &'a Screen,
}

/// Runs one command.
pub(crate) async fn run(
    command: UserCommand,
    global: &Global,
    environment: &Environment,
    screen: &Screen,
) -> CliResult<()> {
    let keeper = Keeper::new(environment, &global.profile);
    let base = match (&global.api_url, &keeper) {
        (Some(url), _) => url.clone(),
        (None, Ok(keeper)) => keeper.read()?.map_or_else(here, |profile| Ok(profile.api_url))?,
        (None, Err(_)) => here()?,
    };
    if let UserCommand::Login(login) = command {
        return login::login(&login, base, &keeper?, screen).await;
    }
    let identity = match environment.get("NINJA_API_KEY") {
        Some(key) => Identity::Key(key.into()),
        None => Identity::Login(keeper?),
    };
    let desk = Desk { api: Api::new(base, identity)?, screen };
    match command {
        UserCommand::Login(_) => Ok(()), // above
        UserCommand::Logout => {
            login::logout(&desk, &Keeper::new(environment, &global.profile)?).await
        }
        UserCommand::Whoami => login::whoami(&desk).await,
        UserCommand::Task(command) => task(&desk, command).await,
        UserCommand::Provider(command) => providers::run(&desk, command).await,
        UserCommand::File(FileCommand::Upload { paths }) => files::upload(&desk, &paths).await,
        UserCommand::File(FileCommand::Download(one)) => files::download(&desk, &one).await,
        UserCommand::File(FileCommand::List { kind, name, limit }) => {
            files::list(&desk, kind, name, limit).await
        }
        UserCommand::Artifact(ArtifactCommand::List { task }) => artifacts::list(&desk, task).await,
        UserCommand::Artifact(ArtifactCommand::Download { one, all: true }) => {
            artifacts::download_all(&desk, &one).await
        }
        UserCommand::Artifact(ArtifactCommand::Download { one, all: false }) => {
            artifacts::download(&desk, &one).await
        }
    }
}

async fn task(desk: &Desk<'_>, command: TaskCommand) -> CliResult<()> {
    match command {
        TaskCommand::Create(create) => create::create(desk, &create).await,
        TaskCommand::Analyse(analyse) => analyse::analyse(desk, &analyse).await,
        TaskCommand::Watch(watch) => watch::watch(desk, watch.id, watch.after).await,
        TaskCommand::Get { id, wait_seconds } => tasks::get(desk, id, wait_seconds).await,
        TaskCommand::List(list) => tasks::list(desk, list).await,
        TaskCommand::Cancel { id, wait } => tasks::cancel(desk, id, wait).await,
        TaskCommand::Pause { id } => control::act(desk, id, "pause").await,
        TaskCommand::Resume { id } => control::act(desk, id, "resume").await,
        TaskCommand::Retry { id, from_step, wait } => {
            control::retry(desk, id, from_step, wait).await
        }
        TaskCommand::Clone { id, wait } => control::clone(desk, id, wait).await,
    }
}

fn here() -> CliResult<Url> {
    HERE.parse().map_err(|error: url::ParseError| CliError::Internal(error.to_string()))
}

impl Desk<'_> {
    /// Up to `limit` rows of a list, over as many pages as that takes.
    async fn rows(
        &self,
        path: &str,
        filters: &[(&'static str, Option<String>)],
        limit: usize,
    ) -> CliResult<Vec<Value>> {
        let given = filters.iter().filter_map(|(name, value)| Some((*name, value.clone()?)));
        let mut query: Vec<_> = given.collect();
        query.push(("limit", limit.clamp(1, 100).to_string()));
        let mut rows = Vec::new();
        let mut asked = query.clone();
        loop {
            let mut page = self.api.get(path, &asked).await?;
            if let Some(data) = page["data"].as_array_mut() {
                rows.append(data);
            }
            match page["next_cursor"].as_str() {
                Some(cursor) if page["has_more"] == true && rows.len() < limit => {
                    asked.clone_from(&query);
                    asked.push(("cursor", cursor.to_owned()));
                }
                _ => break,
            }
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// The rows as the one document, or as a table.
    fn show_rows(&self, rows: &[Value], head: &[&str], cells: impl Fn(&Value) -> Vec<String>) {
        if self.screen.is_json() {
            self.screen.document(&json!({ "data": rows }));
        } else if rows.is_empty() {
            self.screen.note("Nothing to show.");
        } else {
            let rows: Vec<_> = rows.iter().map(cells).collect();
            self.screen.table(head, &rows);
        }
    }
}

/// Where a download goes: as asked, into the folder that was named, or here under its own name. Never over a file
/// that is there, unless forced.
fn place(output: Option<&Path>, name: &str, force: bool) -> CliResult<PathBuf> {
    let own = file_name(name);
    let path = match output {
        None => PathBuf::from(own),
        Some(folder) if folder.is_dir() => folder.join(own),
        Some(path) => path.to_owned(),
    };
    if path.exists() && !force {
        let what = format!("{} exists already. Use --force or --output", path.display());
        return Err(CliError::Usage(what));
    }
    Ok(path)
}

/// A text field, without what could steer a terminal.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text).replace('\n', " "),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// `2026-11-22T14:12:05.123456Z` as `2026-11-22 14:12:05`.
fn time(value: &Value) -> String {
    text(value).chars().take(19).collect::<String>().replace('T', " ")
}

/// The last part of a name that a server gave, which must not lead anywhere.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match plain(last).as_str() {
        "" | "." | ".." => "download".to_owned(),
        good => good.to_owned(),
    }
}
