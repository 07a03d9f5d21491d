use std::collections::VecDeque;
use std::time::{Duration, Instant};

use reqwest::header::ACCEPT;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::Api;
use super::http::{Again, back_off};
use super::sse::{Frame, Parser};
use crate::error::{CliError, CliResult};

/// Silence after which a connection counts as dead: the server gives a sign of life every 20 seconds.
const SILENCE: Duration = Duration::from_mins(1);

/// How long the API may be away in the middle of a watch.
const ABSENCE: Duration = Duration::from_mins(5);

/// One numbered fact about a task.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    /// Gapless from 1.
    pub(crate) seq: i64,
    /// Such as `step.started`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// What belongs to the kind.
    pub(crate) data: Value,
    /// When it was written.
    pub(crate) created_at: String,
}

impl Event {
    /// Whether it is the last of its task.
    pub(crate) fn is_terminal(&self) -> bool {
        ["task.completed", "task.failed", "task.cancelled"].contains(&self.kind.as_str())
    }
}

/// A piece of output on its way, which may get lost.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Delta {
    /// Whose.
    pub(crate) step_id: Uuid,
    /// Which call of the step.
    pub(crate) call_no: i32,
    /// Which attempt of the step.
    pub(crate) epoch: i64,
    /// Counts per call; not above the last one means that the output begins anew.
    pub(crate) index: i64,
    /// `text`, `stdout`, `stderr`.
    pub(crate) stream: String,
    /// The piece.
    pub(crate) text: String,
}

/// What a stream brings.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A numbered event: each exactly once, in order.
    Event(Event),
    /// Live output.
    Delta(Delta),
    /// The connection broke and is being made again.
    Broken(String),
}

/// Follows a task from event `after` on to its last one, over as many connections as that takes.
#[derive(Debug)]
pub(crate) struct EventStream<'a> {
    api: &'a Api,
    path: String,
    last: i64,
    ended: bool,
    open: Option<(Response, Parser)>,
    ready: VecDeque<Item>,
    pause: Duration,
    heard: Instant,
    broken: bool,
}

impl<'a> EventStream<'a> {
    /// Nothing is sent before the first [`EventStream::next`].
    pub(crate) fn new(api: &'a Api, task: Uuid, after: i64) -> Self {
        Self {
            api,
            path: format!("/api/v1/tasks/{task}/events"),
            last: after,
            ended: false,
            open: None,
            ready: VecDeque::new(),
            pause: Duration::from_secs(2),
            heard: Instant::now(),
            broken: false,
        }
    }

    /// The next thing, or `None` after the last event of the task.
    pub(crate) async fn next(&mut self) -> CliResult<Option<Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.ended {
                return Ok(None);
            }
            if std::mem::take(&mut self.broken) {
                back_off(self.pause).await;
            }
            if let Some(cause) = self.read().await? {
                self.open = None;
                self.broken = true;
                return Ok(Some(Item::Broken(cause)));
            }
        }
    }

    /// Reads one piece, connecting first if need be. Answers why the connection broke, if it did.
    async fn read(&mut self) -> CliResult<Option<String>> {
        let (response, parser) = match &mut self.open {
            Some(open) => open,
            None => match self.connect().await {
                Ok(Some(response)) => self.open.insert((response, Parser::default())),
                Ok(None) => {
                    self.ended = true;
                    return Ok(None);
                }
                Err(error) if self.may_come_back(&error) => return Ok(Some(error.to_string())),
                Err(error) => return Err(error),
            },
        };
        let piece = match tokio::time::timeout(SILENCE, response.chunk()).await {
            Ok(Ok(Some(piece))) => piece,
            Ok(Ok(None)) => return Ok(Some("the stream ended before the task".to_owned())),
            Ok(Err(error)) => return Ok(Some(error.to_string())),
            Err(_elapsed) => return Ok(Some("nothing was heard for a minute".to_owned())),
        };
        let Ok(frames) = parser.push(&piece) else {
            return Err(self.api.http.strange("an event without an end"));
        };
        if let Some(ms) = parser.retry_ms() {
            self.pause = Duration::from_millis(ms.clamp(100, 10_000));
        }
        self.heard = Instant::now();
        for frame in frames {
            self.take(&frame)?;
        }
        Ok(None)
    }

    async fn connect(&self) -> CliResult<Option<Response>> {
        let last = self.last.to_string();
        let build = async |request: RequestBuilder| {
            let request = request.header(ACCEPT, "text/event-stream");
            Ok(request.query(&[("deltas", "true")]).header("Last-Event-ID", &last))
        };
        let response = self.api.send(Method::GET, &self.path, Again::Never, build).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None); // the cursor is at the terminal event
        }
        Ok(Some(response))
    }

    /// A server that is away or starting is waited for; a refusal is final.
    fn may_come_back(&self, error: &CliError) -> bool {
        let passing = match error {
            CliError::Unreachable { .. } => true,
            CliError::Refused(problem) => problem.status == 429 || problem.status >= 502,
            _ => false,
        };
        passing && self.heard.elapsed() < ABSENCE
    }

    fn take(&mut self, frame: &Frame) -> CliResult<()> {
        if self.ended {
            return Ok(());
        }
        let strange = |error: serde_json::Error| self.api.http.strange(&error.to_string());
        if frame.event == "delta" {
            self.ready.push_back(Item::Delta(serde_json::from_str(&frame.data).map_err(strange)?));
            return Ok(());
        }
        let event: Event = serde_json::from_str(&frame.data).map_err(strange)?;
        if event.seq <= self.last {
            return Ok(()); // seen on an earlier connection
        }
        if event.seq != self.last + 1 {
            let what = format!("event {} came after event {}", event.seq, self.last);
            return Err(self.api.http.strange(&what));
        }
        self.last = event.seq;
        self.ended = event.is_terminal();
        self.ready.push_back(Item::Event(event));
        Ok(())
    }
}
