use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Desk, place, text, time};
use crate::args::Place;
use crate::client::{self, Target, once};
use crate::error::{CliError, CliResult};
use crate::screen::bytes;

/// Uploads files, one after the other.
pub(super) async fn upload(desk: &Desk<'_>, paths: &[PathBuf]) -> CliResult<()> {
    let mut stored = Vec::new();
    for path in paths {
        let file = upload_one(desk, path, &once()).await?;
        if !desk.screen.is_json() {
            desk.screen.line(&format!("{}  {}", text(&file["id"]), text(&file["filename"])));
        }
        stored.push(file);
    }
    if desk.screen.is_json() {
        desk.screen.document(&json!({ "data": stored }));
    }
    Ok(())
}

/// Uploads one file with its bar; a repeat under the same key answers the same file.
pub(super) async fn upload_one(desk: &Desk<'_>, path: &Path, key: &str) -> CliResult<Value> {
    let size = tokio::fs::metadata(path).await;
    let size = size.map_err(CliError::file(format!("Cannot read {}", path.display())))?.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bar = desk.screen.bar(&name, size);
    client::upload(&desk.api, path, key, &bar).await
}

/// The newest files.
pub(super) async fn list(
    desk: &Desk<'_>,
    kind: Option<String>,
    name: Option<String>,
    limit: usize,
) -> CliResult<()> {
    let rows = desk.rows("/api/v1/files", &[("kind", kind), ("q", name)], limit).await?;
    let head = ["ID", "CREATED", "KIND", "SIZE", "NAME"];
    desk.show_rows(&rows, &head, |row| {
        let size = bytes(row["size"].as_u64().unwrap_or_default());
        vec![
            text(&row["id"]),
            time(&row["created_at"]),
            text(&row["kind"]),
            size,
            text(&row["filename"]),
        ]
    });
    Ok(())
}

/// One file.
pub(super) async fn download(desk: &Desk<'_>, args: &Place) -> CliResult<()> {
    let file = desk.api.get(&format!("/api/v1/files/{}", args.id), &[]).await?;
    let target = target(desk, &file, format!("/api/v1/files/{}/download", args.id))?;
    fetch(desk, args, &target, file["filename"].as_str().unwrap_or_default()).await
}

/// What the API says about some content, as what must arrive.
pub(super) fn target(desk: &Desk<'_>, about: &Value, path: String) -> CliResult<Target> {
    match (about["size"].as_u64(), about["sha256"].as_str()) {
        (Some(size), Some(sha256)) => Ok(Target { path, size, sha256: sha256.to_owned() }),
        _ => Err(desk.api.strange("content without size and SHA-256")),
    }
}

/// Downloads to where the command line says.
pub(super) async fn fetch(
    desk: &Desk<'_>,
    args: &Place,
    target: &Target,
    name: &str,
) -> CliResult<()> {
    let bar = desk.screen.bar(name, target.size);
    if args.output.as_deref() == Some(Path::new("-")) {
        if desk.screen.is_json() {
            let what = "--json and --output - both want standard output";
            return Err(CliError::Usage(what.to_owned()));
        }
        return client::download(&desk.api, target, None, &bar).await;
    }
    let path = place(args.output.as_deref(), name, args.force)?;
    client::download(&desk.api, target, Some(&path), &bar).await?;
    if desk.screen.is_json() {
        desk.screen
            .document(&json!({ "path": path, "size": target.size, "sha256": target.sha256 }));
    } else {
        desk.screen.line(&path.display().to_string());
    }
    Ok(())
}
