use std::path::Path;

use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Desk, password_from_stdin, text};
use crate::args::{ProviderAdd, ProviderCommand};
use crate::client::Again;
use crate::error::{CliError, CliResult};

const PROVIDERS: &str = "/api/v1/admin/providers";

/// Runs one command about providers of models.
pub(super) async fn run(desk: &Desk<'_>, command: ProviderCommand) -> CliResult<()> {
    match command {
        ProviderCommand::Add(args) => add(desk, &args).await,
        ProviderCommand::List => list(desk).await,
        ProviderCommand::Test { provider } => test(desk, &provider).await,
        ProviderCommand::Enable { provider } => enable(desk, &provider, true).await,
        ProviderCommand::Disable { provider } => enable(desk, &provider, false).await,
        ProviderCommand::Remove { provider } => remove(desk, &provider).await,
    }
}

async fn add(desk: &Desk<'_>, args: &ProviderAdd) -> CliResult<()> {
    let key = match (&args.key_file, args.key_stdin) {
        (Some(path), _) => Some(key_from(path)?),
        (None, true) => Some(password_from_stdin()?),
        (None, false) => None,
    };
    let mut body = json!({ "kind": args.kind });
    let models: Vec<Value> = args.models.iter().map(|name| json!({ "name": name })).collect();
    for (name, value) in [
        ("name", args.name.as_ref().map(|name| json!(name))),
        ("base_url", args.base_url.as_ref().map(|url| json!(url))),
        ("key", key.as_ref().map(|key| json!(key.expose_secret()))),
        ("models", (!models.is_empty()).then(|| json!(models))),
        ("self_hosted", args.self_hosted.then(|| json!(true))),
        ("priority", args.priority.map(|priority| json!(priority))),
    ] {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    let made = desk.api.post(PROVIDERS, &body, None).await?;
    told(
        desk,
        &made,
        &format!(
            "{} is there. Try it: ninjactl provider test {}",
            text(&made["name"]),
            text(&made["name"])
        ),
    );
    Ok(())
}

async fn list(desk: &Desk<'_>) -> CliResult<()> {
    let rows = rows(desk).await?;
    let head = ["NAME", "KIND", "ENABLED", "ORDER", "KEY", "SOURCE", "LAST TEST", "BASE URL"];
    desk.show_rows(&rows, &head, |row| {
        let tested = match row["last_test"]["ok"].as_bool() {
            Some(true) => "ok".to_owned(),
            Some(false) => text(&row["last_test"]["class"]),
            None => "-".to_owned(),
        };
        let enabled = if row["enabled"] == true { "yes" } else { "no" };
        vec![
            text(&row["name"]),
            text(&row["kind"]),
            enabled.to_owned(),
            text(&row["priority"]),
            text(&row["key"]),
            text(&row["source"]),
            tested,
            text(&row["base_url"]),
        ]
    });
    Ok(())
}

async fn test(desk: &Desk<'_>, provider: &str) -> CliResult<()> {
    let path = format!("{}/test", path(desk, provider).await?);
    let told = desk.api.act(&path).await?.unwrap_or_default();
    if desk.screen.is_json() {
        desk.screen.document(&told);
    }
    if told["status"] == "testing" {
        desk.screen.note("No worker has answered within 15 seconds. Later: ninjactl provider list");
        return Ok(());
    }
    if !desk.screen.is_json() {
        for (name, value) in [
            ("model", &told["model"]),
            ("models found", &told["models_found"]),
            ("list of models, ms", &told["latency_ms"]),
            ("answers", &told["chat"]["ok"]),
            ("first token, ms", &told["chat"]["ttft_ms"]),
            ("reports usage", &told["chat"]["usage_reported"]),
            ("calls tools", &told["tools_ok"]),
            ("holds a schema", &told["schema_ok"]),
        ] {
            desk.screen.line(&format!("{name:20} {}", text(value)));
        }
    }
    if told["ok"] == true {
        return Ok(());
    }
    let class = told["class"].as_str().map(|class| format!(" ({class})")).unwrap_or_default();
    Err(CliError::ProviderFailed(format!("{}{class}", text(&told["message"]))))
}

async fn enable(desk: &Desk<'_>, provider: &str, enabled: bool) -> CliResult<()> {
    let path = path(desk, provider).await?;
    let body = json!({ "enabled": enabled });
    let build = async |request: RequestBuilder| Ok(request.json(&body));
    let answer = desk.api.send(Method::PUT, &path, Again::Safe, build).await?;
    let changed: Value =
        answer.json().await.map_err(|error| desk.api.strange(&error.to_string()))?;
    let word = if enabled { "may be asked" } else { "is not asked any more" };
    told(desk, &changed, &format!("{} {word}.", text(&changed["name"])));
    Ok(())
}

async fn remove(desk: &Desk<'_>, provider: &str) -> CliResult<()> {
    let path = path(desk, provider).await?;
    let build = async |request: RequestBuilder| Ok(request);
    desk.api.send(Method::DELETE, &path, Again::Safe, build).await?;
    told(
        desk,
        &json!({ "removed": provider }),
        &format!("{provider} is gone, and its key with it."),
    );
    Ok(())
}

fn told(desk: &Desk<'_>, document: &Value, line: &str) {
    if desk.screen.is_json() {
        desk.screen.document(document);
    } else {
        desk.screen.line(line);
    }
}

async fn rows(desk: &Desk<'_>) -> CliResult<Vec<Value>> {
    let mut list = desk.api.get(PROVIDERS, &[]).await?;
    Ok(list["data"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Where the provider of this name or id is.
async fn path(desk: &Desk<'_>, provider: &str) -> CliResult<String> {
    let rows = rows(desk).await?;
    let found = rows.iter().find(|row| row["name"] == provider || row["id"] == provider);
    let id = found.and_then(|row| row["id"].as_str());
    let unknown =
        || CliError::Usage(format!("There is no provider {provider}. See: ninjactl provider list"));
    Ok(format!("{PROVIDERS}/{}", id.ok_or_else(unknown)?))
}

/// The key in a file, without the end of its line.
fn key_from(path: &Path) -> CliResult<SecretString> {
    let read = std::fs::read_to_string(path);
    let text = read.map_err(CliError::file(format!("Cannot read {}", path.display())))?;
    Ok(text.trim_end_matches(['\n', '\r']).into())
}
