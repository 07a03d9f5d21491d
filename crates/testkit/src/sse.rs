use std::{collections::VecDeque, time::Duration};

use reqwest::Method;
use serde_json::Value;

use crate::{Client, ledger};

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct SseEvent {
    /// `id:`, the sequence number; deltas have none.
    pub id: Option<i64>,
    /// `event:`, the event's type.
    pub event: String,
    /// `data:`, parsed.
    pub data: Value,
}

/// A live stream of a task's events, read like a browser's `EventSource` would, without its reconnect.
#[derive(Debug)]
pub struct Sse {
    answer: reqwest::Response,
    text: Vec<u8>,
    ready: VecDeque<SseEvent>,
}

impl Sse {
    /// Opens the stream at `path`; panics if the API refuses it.
    pub async fn open(client: &Client, path: &str) -> Self {
        Self::try_open(client, path).await.unwrap_or_else(|status| panic!("{path}: {status}"))
    }

    /// Opens the stream at `path`, or answers the status with which it was refused (204: nothing is to
    /// come), 0 when nobody answered.
    pub async fn try_open(client: &Client, path: &str) -> Result<Self, u16> {
        Self::resume(client, path, None).await
    }

    /// The same behind event `last`, said as a browser says it: by `Last-Event-ID`.
    pub async fn resume(client: &Client, path: &str, last: Option<i64>) -> Result<Self, u16> {
        let mut request = client.request(Method::GET, path).header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let answer = ledger::send(request).await.map_err(|_gone| 0_u16)?;
        match answer.status().as_u16() {
            200 => Ok(Self { answer, text: Vec::new(), ready: VecDeque::new() }),
            other => Err(other),
        }
    }

    /// The next event, or `None` when the stream ended or broke.
    pub async fn next(&mut self) -> Option<SseEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // Longer than the API's heartbeat: a silent connection is a broken one.
            let chunk = tokio::time::timeout(Duration::from_mins(1), self.answer.chunk());
            let chunk = chunk.await.ok()?.ok()??;
            self.text.extend_from_slice(&chunk);
            self.parse();
        }
    }

    /// All events until the stream ends.
    pub async fn rest(&mut self) -> Vec<SseEvent> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    fn parse(&mut self) {
        while let Some(end) = self.text.windows(2).position(|two| two == b"\n\n") {
            let block: Vec<u8> = self.text.drain(..end + 2).collect();
            self.ready.extend(read(&String::from_utf8_lossy(&block)));
        }
    }
}

/// One block of the stream; a comment or a `retry:` alone is no event.
fn read(block: &str) -> Option<SseEvent> {
    let (mut id, mut event, mut data) = (None, "message", Vec::new());
    for line in block.lines() {
        match line.split_once(": ").or_else(|| line.split_once(':')) {
            Some(("id", value)) => id = value.parse().ok(),
            Some(("event", value)) => event = value,
            Some(("data", value)) => data.push(value),
            _ => {}
        }
    }
    let data = serde_json::from_str(&data.join("\n")).ok()?;
    Some(SseEvent { id, event: event.to_owned(), data })
}
