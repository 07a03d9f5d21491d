use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};
use uuid::Uuid;

use super::files::{fetch, target};
use super::{Desk, text, time};
use crate::args::Place;
use crate::client;
use crate::error::{CliError, CliResult};
use crate::screen::bytes;

/// Artifacts that one task may have here.
const MOST: usize = 10_000;

/// What a task made.
pub(super) async fn list(desk: &Desk<'_>, task: Uuid) -> CliResult<()> {
    let rows = of_task(desk, task).await?;
    desk.show_rows(&rows, &["ID", "CREATED", "SIZE", "PATH"], |row| {
        let size = bytes(row["size"].as_u64().unwrap_or_default());
        vec![text(&row["id"]), time(&row["created_at"]), size, text(&row["path"])]
    });
    Ok(())
}

/// The rows of a task's artifacts.
pub(super) async fn of_task(desk: &Desk<'_>, task: Uuid) -> CliResult<Vec<Value>> {
    desk.rows(&format!("/api/v1/tasks/{task}/artifacts"), &[], MOST).await
}

/// One artifact.
pub(super) async fn download(desk: &Desk<'_>, args: &Place) -> CliResult<()> {
    let artifact = desk.api.get(&format!("/api/v1/artifacts/{}", args.id), &[]).await?;
    let target = target(desk, &artifact, format!("/api/v1/artifacts/{}/content", args.id))?;
    fetch(desk, args, &target, artifact["name"].as_str().unwrap_or_default()).await
}

/// All artifacts of a task.
pub(super) async fn download_all(desk: &Desk<'_>, args: &Place) -> CliResult<()> {
    let folder = args.output.clone().unwrap_or_else(|| PathBuf::from("."));
    let paths = into_folder(desk, args.id, &folder, args.force).await?;
    if desk.screen.is_json() {
        desk.screen.document(&json!({ "data": paths }));
    } else {
        for path in paths {
            desk.screen.line(&path.display().to_string());
        }
    }
    Ok(())
}

/// Downloads a task's artifacts with their folders. Nothing is written if one of them would replace a file.
pub(super) async fn into_folder(
    desk: &Desk<'_>,
    task: Uuid,
    folder: &Path,
    force: bool,
) -> CliResult<Vec<PathBuf>> {
    let mut wanted = Vec::new();
    for artifact in of_task(desk, task).await? {
        let path = artifact["path"].as_str().unwrap_or_default();
        let inside = inside(path)
            .ok_or_else(|| desk.api.strange("an artifact whose path leads out of its folder"))?;
        let to = folder.join(inside);
        if to.exists() && !force {
            let what = format!(
                "{} exists already; nothing was downloaded. --force replaces it",
                to.display()
            );
            return Err(CliError::Usage(what));
        }
        let id = artifact["id"].as_str().unwrap_or_default();
        let target = target(desk, &artifact, format!("/api/v1/artifacts/{id}/content"))?;
        wanted.push((target, to));
    }
    let mut paths = Vec::new();
    for (target, to) in wanted {
        if let Some(parent) = to.parent() {
            let made = tokio::fs::create_dir_all(parent).await;
            made.map_err(CliError::file(format!("Cannot make {}", parent.display())))?;
        }
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        let bar = desk.screen.bar(&name, target.size);
        client::download(&desk.api, &target, Some(&to), &bar).await?;
        paths.push(to);
    }
    Ok(paths)
}

/// A path that stays in the folder that it is joined to, or `None`.
fn inside(path: &str) -> Option<&Path> {
    let path = Path::new(path);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && path.file_name().is_some()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn an_artifact_stays_in_its_folder() {
        assert!(inside("summary.csv").is_some() && inside("out/plots/a.png").is_some());
        for bad in ["", "/etc/passwd", "../x", "a/../../x", "."] {
            assert!(inside(bad).is_none(), "{bad}");
        }
    }
}
