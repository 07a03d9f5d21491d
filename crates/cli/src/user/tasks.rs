use serde_json::Value;
use uuid::Uuid;

use super::{Desk, outcome, text, time, watch};
use crate::args::TaskList;
use crate::error::CliResult;
use crate::screen::Tone;

/// One task.
pub(super) async fn get(desk: &Desk<'_>, id: Uuid, wait_seconds: u32) -> CliResult<()> {
    let wait = (wait_seconds > 0).then(|| ("wait_seconds", wait_seconds.to_string()));
    let query: Vec<_> = wait.into_iter().collect();
    let task = desk.api.get(&format!("/api/v1/tasks/{id}"), &query).await?;
    if desk.screen.is_json() {
        desk.screen.document(&task);
        return Ok(());
    }
    show(desk, &task);
    let steps = steps(desk, id).await?;
    if !steps.is_empty() {
        desk.screen.line("");
        desk.show_rows(
            &steps,
            &["STEP", "KEY", "AGENT", "CAPABILITY", "STATUS", "ATTEMPT"],
            |step| {
                ["step_number", "key", "agent_type", "capability", "status", "attempt"]
                    .map(|field| text(&step[field]))
                    .to_vec()
            },
        );
    }
    Ok(())
}

/// The steps of a task, by number.
pub(super) async fn steps(desk: &Desk<'_>, id: Uuid) -> CliResult<Vec<Value>> {
    let mut answer = desk.api.get(&format!("/api/v1/tasks/{id}/steps"), &[]).await?;
    Ok(answer["data"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// The newest tasks.
pub(super) async fn list(desk: &Desk<'_>, args: TaskList) -> CliResult<()> {
    let filters = [
        ("status", args.status),
        ("task_type", args.task_type),
        ("tag", args.tag),
        ("q", args.title),
    ];
    let rows = desk.rows("/api/v1/tasks", &filters, args.limit).await?;
    desk.show_rows(&rows, &["ID", "CREATED", "TYPE", "STATUS", "DONE", "TITLE"], |task| {
        vec![
            text(&task["id"]),
            time(&task["created_at"]),
            text(&task["task_type"]),
            text(&task["status"]),
            format!("{}%", text(&task["progress"])),
            text(&task["title"]),
        ]
    });
    Ok(())
}

/// Cancels a task; with `wait`, comes back when it has ended.
pub(super) async fn cancel(desk: &Desk<'_>, id: Uuid, wait: bool) -> CliResult<()> {
    let path = format!("/api/v1/tasks/{id}/cancel");
    let mut task = desk.api.act(&path).await?.unwrap_or_default();
    if wait && !outcome::has_ended(&task) {
        let after = task["last_seq"].as_i64().unwrap_or_default();
        task = watch::to_the_end(desk, id, after).await?;
    }
    if desk.screen.is_json() {
        desk.screen.document(&task);
    } else {
        desk.screen.line(&format!("{id} {}", text(&task["status"])));
    }
    Ok(())
}

fn show(desk: &Desk<'_>, task: &Value) {
    let screen = desk.screen;
    let line = |name: &str, value: &str| screen.line(&format!("{name:10} {value}"));
    screen.line(&text(&task["title"]));
    line("id", &text(&task["id"]));
    line("type", &text(&task["task_type"]));
    line("status", &format!("{} ({}%)", text(&task["status"]), text(&task["progress"])));
    line("created", &time(&task["created_at"]));
    line("started", &time(&task["started_at"]));
    line("ended", &time(&task["completed_at"]));
    if task["waiting"].is_object() {
        line("waits for", &text(&task["waiting"]["reason"]));
    }
    if task["result"].is_object() {
        line("result", &text(&task["result"]["summary"]));
        line("artifacts", &text(&task["result"]["artifact_count"]));
    }
    if task["error"].is_object() {
        let error =
            format!("{} ({})", text(&task["error"]["message"]), text(&task["error"]["code"]));
        line("error", &screen.paint(Tone::Bad, &error));
    }
}
