use std::collections::HashMap;
use std::io::{IsTerminal, stdout};

use serde_json::Value;
use uuid::Uuid;

use super::{outcome, text};
use crate::client::{Delta, Event};
use crate::screen::{Screen, Tone, bytes};

/// Output of one step that is remembered, to compare it with the record.
const REMEMBERED: usize = 256 * 1024;

/// A task as it is seen live: events as lines on standard error, its programs' output on standard output.
pub(super) struct View<'a> {
    screen: &'a Screen,
    labels: HashMap<Uuid, String>,
    outputs: HashMap<Uuid, Output>,
    open_line: bool,
}

/// What was shown of a step's output.
#[derive(Default)]
struct Output {
    epoch: i64,
    call_no: i32,
    index: Option<i64>,
    stdout: String,
    stderr: String,
}

impl<'a> View<'a> {
    /// Shows a task with these steps.
    pub(super) fn new(screen: &'a Screen, steps: &[Value]) -> Self {
        let label = |step: &Value| {
            let id = step["id"].as_str()?.parse().ok()?;
            let does = step["capability"].as_str().or(step["agent_type"].as_str());
            Some((id, format!("step {} ({})", step["step_number"], does.unwrap_or("?"))))
        };
        let labels = steps.iter().filter_map(label).collect();
        Self { screen, labels, outputs: HashMap::new(), open_line: false }
    }

    /// A line of one's own between the task's lines.
    pub(super) fn say(&mut self, line: &str) {
        self.end_line();
        self.screen.note(line);
    }

    /// One event.
    pub(super) fn event(&mut self, event: &Event) {
        let Some((tone, line)) = self.sentence(event) else { return };
        let clock: String = event.created_at.chars().skip(11).take(8).collect();
        let line = match tone {
            Some(tone) => self.screen.paint(tone, &line),
            None => line,
        };
        let line = format!("{}  {line}", self.screen.paint(Tone::Dim, &clock));
        self.say(&line);
    }

    /// A piece of live output. Pieces of an attempt that was taken over are not shown.
    pub(super) fn delta(&mut self, delta: &Delta) {
        let shown = self.outputs.entry(delta.step_id).or_default();
        if (delta.epoch, delta.call_no) < (shown.epoch, shown.call_no) {
            return;
        }
        let same = (delta.epoch, delta.call_no) == (shown.epoch, shown.call_no);
        let again = same && shown.index.is_some_and(|last| delta.index <= last);
        if !same || again {
            let had = !shown.stdout.is_empty() || !shown.stderr.is_empty();
            *shown = Output { epoch: delta.epoch, call_no: delta.call_no, ..Output::default() };
            if had {
                self.say("the output begins anew");
            }
        }
        let shown = self.outputs.entry(delta.step_id).or_default();
        shown.index = Some(delta.index);
        let kept = if delta.stream == "stderr" { &mut shown.stderr } else { &mut shown.stdout };
        if kept.len() < REMEMBERED {
            kept.push_str(&delta.text);
        }
        self.put(&delta.stream, &delta.text);
    }

    /// Shows what the record of a finished step holds and the live output did not, because pieces may get lost.
    pub(super) fn settle(&mut self, step: Uuid, result: &Value) {
        let shown = self.outputs.remove(&step).unwrap_or_default();
        let cut = result["truncated"] == true;
        for (stream, live) in [("stdout", shown.stdout), ("stderr", shown.stderr)] {
            let recorded = result[stream].as_str().unwrap_or_default();
            match missing(recorded, &live, cut) {
                Missing::Nothing => {}
                Missing::Rest(rest) => self.put(stream, rest),
                Missing::All => {
                    self.say(&format!("some of the live {stream} was lost; as recorded:"));
                    self.put(stream, recorded);
                }
            }
        }
        self.end_line();
        if cut {
            self.say("the output was long: the record keeps its beginning and its end");
        }
        if let Some(end) = outcome::of_program(result) {
            let line = self.screen.paint(Tone::Bad, &format!("the program {end}"));
            self.say(&line);
        }
    }

    fn put(&mut self, stream: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        if stream == "stderr" || self.screen.is_json() {
            self.screen.error_output(text);
        } else {
            self.screen.output(text);
        }
        self.open_line = !text.ends_with('\n') && stdout().is_terminal();
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            self.screen.error_output("\n");
        }
    }

    fn sentence(&self, event: &Event) -> Option<(Option<Tone>, String)> {
        let data = &event.data;
        let step = || self.label(data);
        let plain = |line: String| Some((None, line));
        let dim = |line: String| Some((Some(Tone::Dim), line));
        let good = |line: String| Some((Some(Tone::Good), line));
        let bad = |line: String| Some((Some(Tone::Bad), line));
        match event.kind.as_str() {
            "step.ready" | "task.progress" | "task.started" | "call.started" | "call.finished" => {
                None
            }
            "task.created" => plain(format!("task created: {}", text(&data["title"]))),
            "plan.created" => {
                let count = data["steps"].as_array().map_or(0, Vec::len);
                dim(format!("plan of {count} step{}", if count == 1 { "" } else { "s" }))
            }
            "step.started" if data["attempt"].as_i64() > Some(1) => {
                plain(format!("{} started, attempt {}", step(), data["attempt"]))
            }
            "step.started" => plain(format!("{} started", step())),
            "step.retried" => {
                plain(format!("{} will run again: {}", step(), text(&data["reason"])))
            }
            "step.completed" => good(format!("{} completed: {}", step(), text(&data["summary"]))),
            "step.failed" => bad(format!("{} failed: {}", step(), failure(data))),
            "step.skipped" => dim(format!("{} skipped: {}", step(), text(&data["reason"]))),
            "step.cancelled" => dim(format!("{} cancelled", step())),
            "artifact.created" => {
                let size = bytes(data["size"].as_u64().unwrap_or_default());
                plain(format!("artifact {} ({size})", text(&data["path"])))
            }
            "task.stalled" => bad(format!("nothing moves: {}", reasons(data))),
            "task.waiting" => plain(format!("task waits for: {}", text(&data["reason"]))),
            "task.completed" => {
                good(format!("task completed: {}", text(&data["result"]["summary"])))
            }
            "task.failed" => bad(format!("task failed: {}", failure(data))),
            "task.cancelled" => bad("task cancelled".to_owned()),
            "task.paused" | "task.resumed" | "task.cancelling" => {
                plain(event.kind.replace('.', " "))
            }
            _ => dim(format!("{} {}", text(&Value::from(event.kind.as_str())), text(data))),
        }
    }

    fn label(&self, data: &Value) -> String {
        let id = data["step_id"].as_str().and_then(|id| id.parse().ok());
        match id.and_then(|id: Uuid| self.labels.get(&id)) {
            Some(label) => label.clone(),
            None => format!("step {}", text(&data["step_number"])),
        }
    }
}

/// What of a record was not shown live.
#[derive(Debug, PartialEq, Eq)]
enum Missing<'a> {
    Nothing,
    Rest(&'a str),
    All,
}

fn missing<'a>(recorded: &'a str, live: &str, cut: bool) -> Missing<'a> {
    match recorded.strip_prefix(live) {
        Some("") => Missing::Nothing,
        // A record that was cut in its middle goes on with something else than what comes next.
        Some(rest) if !cut || live.is_empty() => Missing::Rest(rest),
        _ if cut || live.len() >= REMEMBERED => Missing::Nothing,
        _ => Missing::All,
    }
}

fn failure(data: &Value) -> String {
    format!("{} ({})", text(&data["error"]["message"]), text(&data["error"]["code"]))
}

fn reasons(data: &Value) -> String {
    let all = data["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|reason| text(&reason["detail"])).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_live_output_lost_comes_from_the_record() {
        assert_eq!(missing("abc", "abc", false), Missing::Nothing);
        assert_eq!(missing("abc", "", false), Missing::Rest("abc"));
        assert_eq!(missing("abc", "a", false), Missing::Rest("bc"));
        assert_eq!(missing("abc", "ac", false), Missing::All);
        assert_eq!(missing("head … tail", "head of it", true), Missing::Nothing);
        assert_eq!(missing("head … tail", "", true), Missing::Rest("head … tail"));
    }
}
