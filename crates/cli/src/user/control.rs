use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, create, text};
use crate::client::once;
use crate::error::CliResult;

/// `pause` or `resume`.
pub(super) async fn act(desk: &Desk<'_>, id: Uuid, verb: &str) -> CliResult<()> {
    let task = desk.api.act(&format!("/api/v1/tasks/{id}/{verb}")).await?.unwrap_or_default();
    if desk.screen.is_json() {
        desk.screen.document(&task);
    } else {
        desk.screen.line(&format!("{id} {}", text(&task["status"])));
    }
    Ok(())
}

/// A new task that takes over what `id` had completed.
pub(super) async fn retry(
    desk: &Desk<'_>,
    id: Uuid,
    from_step: Option<u32>,
    wait: bool,
) -> CliResult<()> {
    let body = from_step.map_or_else(|| json!({}), |number| json!({ "from_step": number }));
    again(desk, &format!("/api/v1/tasks/{id}/retry"), &body, wait).await
}

/// The same task from the start.
pub(super) async fn clone(desk: &Desk<'_>, id: Uuid, wait: bool) -> CliResult<()> {
    again(desk, &format!("/api/v1/tasks/{id}/clone"), &json!({}), wait).await
}

async fn again(desk: &Desk<'_>, path: &str, body: &Value, wait: bool) -> CliResult<()> {
    let task = desk.api.post(path, body, Some(&once())).await?;
    create::followed(desk, task, wait, None).await.map(drop)
}
