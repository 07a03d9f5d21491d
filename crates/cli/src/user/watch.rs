use serde_json::Value;
use uuid::Uuid;

use super::view::View;
use super::{Desk, outcome, tasks};
use crate::client::{Event, EventStream, Item};
use crate::error::CliResult;

/// Shows a task live until it has ended.
pub(super) async fn watch(desk: &Desk<'_>, id: Uuid, after: i64) -> CliResult<()> {
    let task = to_the_end(desk, id, after).await?;
    if desk.screen.is_json() {
        desk.screen.document(&task);
    }
    outcome::of_task(&task)
}

/// Shows what comes after event `after`, and answers the task as it ended.
pub(super) async fn to_the_end(desk: &Desk<'_>, id: Uuid, after: i64) -> CliResult<Value> {
    let mut view = View::new(desk.screen, &tasks::steps(desk, id).await?);
    let mut events = EventStream::new(&desk.api, id, after);
    while let Some(item) = events.next().await? {
        match item {
            Item::Event(event) => {
                if let Some(step) = finished(&event) {
                    settle(desk, &mut view, id, step).await?;
                }
                view.event(&event);
            }
            Item::Delta(delta) => view.delta(&delta),
            Item::Broken(cause) => {
                view.say(&format!("connection lost ({cause}); taking it up again"));
            }
        }
    }
    desk.api.get(&format!("/api/v1/tasks/{id}"), &[]).await
}

fn finished(event: &Event) -> Option<Uuid> {
    let known = event.kind == "step.completed";
    known.then(|| event.data["step_id"].as_str()?.parse().ok()).flatten()
}

/// Completes the output of a step from its record, if it is one of a program.
async fn settle(desk: &Desk<'_>, view: &mut View<'_>, task: Uuid, step: Uuid) -> CliResult<()> {
    let steps = tasks::steps(desk, task).await?;
    let named = step.to_string();
    let found = steps.iter().find(|one| one["id"] == named.as_str());
    if let Some(step_row) = found
        && step_row["capability"] == "code_execution"
    {
        view.settle(step, &step_row["result"]);
    }
    Ok(())
}
