use std::io::{IsTerminal, Read, stdin};

use console::Term;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::{Desk, text};
use crate::args::Login;
use crate::client::{Api, Identity, Keeper, Tokens};
use crate::error::{CliError, CliResult};
use crate::screen::Screen;

/// Logs in and keeps the tokens.
pub(super) async fn login(
    args: &Login,
    base: Url,
    keeper: &Keeper,
    screen: &Screen,
) -> CliResult<()> {
    let who = match &args.who {
        Some(who) => who.clone(),
        None => ask("E-mail or username: ")?,
    };
    let password = if args.password_stdin {
        password_from_stdin()?
    } else {
        ask_secret(&format!("Password of {who}: "))?
    };
    let field = if who.contains('@') { "email" } else { "username" };
    let body = json!({ field: who, "password": password.expose_secret() });
    let api = Api::new(base, Identity::Nobody)?;
    let answer = api.post("/api/v1/auth/login", &body, None).await?;
    let user = answer["user"].clone();
    let tokens: Tokens =
        serde_json::from_value(answer).map_err(|error| api.strange(&error.to_string()))?;
    let _lock = keeper.lock().await?;
    keeper.write(&tokens.into_profile(api.base().clone()))?;
    if screen.is_json() {
        screen.document(&user);
    } else {
        screen.line(&format!("Logged in to {} as {}.", api.base(), text(&user["email"])));
    }
    Ok(())
}

/// Ends the login there and here. Here it ends even when the API is away.
pub(super) async fn logout(desk: &Desk<'_>, keeper: &Keeper) -> CliResult<()> {
    if keeper.read()?.is_none() {
        desk.screen.note("You were not logged in.");
        return Ok(());
    }
    let ended = desk.api.act("/api/v1/auth/logout").await;
    keeper.forget()?;
    match ended {
        Ok(_) | Err(CliError::LoginEnded(_)) => desk.screen.note("Logged out."),
        Err(CliError::Refused(problem)) if problem.status == 401 => {
            desk.screen.note("Logged out; the login had ended already.");
        }
        Err(error) => {
            desk.screen.warning("The login is forgotten here, but the API could not be told.");
            return Err(error);
        }
    }
    Ok(())
}

/// Who this is, with limits and use.
pub(super) async fn whoami(desk: &Desk<'_>) -> CliResult<()> {
    let me = desk.api.get("/api/v1/auth/me", &[]).await?;
    if desk.screen.is_json() {
        desk.screen.document(&me);
        return Ok(());
    }
    let rows = [
        ("user", text(&me["email"])),
        ("role", text(&me["role"])),
        ("api", desk.api.base().to_string()),
    ];
    for (name, value) in rows {
        desk.screen.line(&format!("{name:22} {value}"));
    }
    for group in ["usage_today", "limits"] {
        let Some(fields) = me[group].as_object() else { continue };
        for (name, value) in fields {
            desk.screen.line(&format!("{:22} {}", format!("{group}.{name}"), text(value)));
        }
    }
    Ok(())
}

fn ask(question: &str) -> CliResult<String> {
    let term = Term::stderr();
    if !term.is_term() || !stdin().is_terminal() {
        return Err(CliError::Usage("Who? Name the e-mail address: ninjactl login EMAIL".into()));
    }
    let answer = term.write_str(question).and_then(|()| term.read_line());
    answer.map_err(CliError::file("Cannot ask")).map(|line| line.trim().to_owned())
}

fn ask_secret(question: &str) -> CliResult<SecretString> {
    let term = Term::stderr();
    if !term.is_term() || !stdin().is_terminal() {
        let what = "There is no terminal to ask for the password: use --password-stdin";
        return Err(CliError::Usage(what.to_owned()));
    }
    let answer = term.write_str(question).and_then(|()| term.read_secure_line());
    answer.map_err(CliError::file("Cannot ask")).map(SecretString::from)
}

/// A password from standard input, up to the first end of line.
pub(crate) fn password_from_stdin() -> CliResult<SecretString> {
    let mut given = String::new();
    let limit: u64 = 64 * 1024;
    let read = stdin().lock().take(limit).read_to_string(&mut given);
    read.map_err(CliError::file("Cannot read the password"))?;
    let first = given.split(['\n', '\r']).next().unwrap_or_default();
    if first.is_empty() {
        return Err(CliError::Usage("Standard input holds no password".to_owned()));
    }
    Ok(first.into())
}
