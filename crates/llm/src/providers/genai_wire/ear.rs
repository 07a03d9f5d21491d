use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use genai::chat::{ChatFrameSink, FrameCtx, RawFrameRef};
use serde_json::Value;
use tokio::sync::Notify;

use super::super::finish::DraftCall;

/// Hears every frame of an answer before genai reads it: genai drops the name of the answer and of the model, calls
/// without an index and the reason of a refusal, and reads usage into 32 bits.
pub(super) struct Ear {
    hear: fn(&str, &mut Heard),
    heard: Mutex<(Heard, Option<Instant>)>,
    stirs: Notify,
}

/// What was heard so far.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The provider's name for the answer.
    pub(in crate::providers) id: Option<String>,
    /// The model that says it answers.
    pub(in crate::providers) model: Option<String>,
    /// As reported, all reports together.
    pub(in crate::providers) usage: serde_json::Map<String, Value>,
    /// The report is of the whole answer, not of its beginning.
    pub(in crate::providers) usage_is_final: bool,
    /// The vendor's error.
    pub(in crate::providers) fault: Option<Value>,
    /// The provider refuses to answer this.
    pub(in crate::providers) refused: bool,
    /// A frame was the beginning of the last one.
    pub(in crate::providers) half: bool,
    /// Calls, where genai cannot be trusted with them.
    pub(in crate::providers) calls: Vec<(Option<u64>, DraftCall)>,
}

impl Heard {
    /// Adds a report of usage: the newest word on each number holds.
    pub(in crate::providers) fn report(&mut self, usage: Value) {
        if let Value::Object(usage) = usage {
            self.usage.extend(usage.into_iter().filter(|(_, value)| !value.is_null()));
        }
    }
}

impl Ear {
    pub(super) fn new(hear: fn(&str, &mut Heard)) -> Self {
        Self { hear, heard: Mutex::default(), stirs: Notify::new() }
    }

    /// Waits for a frame that was not waited for yet.
    pub(super) async fn stirred(&self) {
        self.stirs.notified().await;
    }

    /// When the last frame came; heartbeats are frames.
    pub(super) fn last(&self) -> Option<Instant> {
        self.with(|(_, last)| *last)
    }

    /// Whether a frame was the beginning of the last one: what a cut leaves behind.
    pub(super) fn heard_half(&self) -> bool {
        self.with(|(heard, _)| heard.half)
    }

    /// Whether nothing was said against the request.
    pub(super) fn heard_no_fault(&self) -> bool {
        self.with(|(heard, _)| heard.fault.is_none() && !heard.refused)
    }

    /// What was heard, leaving nothing.
    pub(super) fn take(&self) -> Heard {
        self.with(|(heard, _)| std::mem::take(heard))
    }

    fn with<T>(&self, f: impl FnOnce(&mut (Heard, Option<Instant>)) -> T) -> T {
        f(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ChatFrameSink for Ear {
    fn on_frame(&self, _: &FrameCtx, frame: RawFrameRef<'_>) {
        self.with(|(heard, last)| {
            *last = Some(Instant::now());
            (self.hear)(frame.data, heard);
        });
        self.stirs.notify_one();
    }
}
