use std::collections::HashMap;
use std::time::Instant;

use futures_util::StreamExt;
use genai::chat::{ChatStream, ChatStreamEvent, StopReason, StreamEnd};
use ninja_types::ModelErrorClass;
use serde_json::Value;

use super::super::fault::Exchange;
use super::super::finish::{Draft, DraftCall};
use super::super::usage;
use super::Dialect;
use super::ear::{Ear, Heard};
use crate::answer::{Stop, Tokens};
use crate::error::{ProviderError, Seen};
use crate::provider::DeltaSink;

/// No model writes so much in one answer: a server that goes on is not let fill the memory.
pub(in crate::providers) const LONGEST_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a stream to its end, saying its text as it comes.
pub(super) async fn read(
    mut stream: ChatStream,
    mut listening: Listening<'_>,
    deltas: &dyn DeltaSink,
) -> Result<Draft, ProviderError> {
    loop {
        let event = listening.next(&mut stream).await?;
        match event {
            None => return Err(listening.exchange.cut(listening.seen())),
            Some(Ok(ChatStreamEvent::End(end))) => return listening.ended(end),
            Some(Ok(event)) => {
                if let Some(text) = listening.hear(event)? {
                    deltas.say(&text).await;
                }
            }
            // genai takes a frame of Google's that only reports usage for a fault.
            Some(Err(genai::Error::ChatResponse { body, .. })) if listening.is_report(&body) => {}
            Some(Err(error)) => return Err(listening.failed(error, &mut stream).await),
        }
    }
}

/// What has come of an answer.
pub(super) struct Listening<'a> {
    dialect: &'static Dialect,
    ear: &'a Ear,
    exchange: &'a Exchange<'a>,
    began: Instant,
    draft: Draft,
    /// Bytes of the arguments of each call: genai repeats them from their beginning.
    calls: HashMap<String, usize>,
}

type Event = Option<genai::Result<ChatStreamEvent>>;

impl<'a> Listening<'a> {
    /// Nothing yet.
    pub(super) fn new(dialect: &'static Dialect, ear: &'a Ear, exchange: &'a Exchange<'a>) -> Self {
        let (draft, calls) = (Draft::default(), HashMap::new());
        Self { dialect, ear, exchange, began: Instant::now(), draft, calls }
    }

    /// The next event, if it comes in time. Until the first frame that is the limit for an answer, then the one for
    /// silence, which every frame ends: a heartbeat too, which genai tells nobody of.
    async fn next(&self, stream: &mut ChatStream) -> Result<Event, ProviderError> {
        let patience = self.exchange.target.patience;
        let waits = Instant::now();
        loop {
            let last = self.ear.last();
            let until = match last {
                None => self.began + patience.first_byte,
                Some(last) => last.max(waits) + patience.idle,
            };
            // A frame that is no event moves the limit all the same.
            let stirs = async {
                tokio::select! {
                    biased;
                    event = stream.next() => Some(event),
                    () = self.ear.stirred() => None,
                }
            };
            match tokio::time::timeout_at(until.into(), stirs).await {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => {}
                Err(_) => return Err(self.exchange.silent(last.is_some(), self.seen())),
            }
        }
    }

    /// Takes an event in; text is given back, to be said.
    fn hear(&mut self, event: ChatStreamEvent) -> Result<Option<String>, ProviderError> {
        let mut text = None;
        match event {
            ChatStreamEvent::Chunk(chunk) => {
                self.draft.seen.bytes += length(&chunk.content);
                self.draft.text.push_str(&chunk.content);
                text = Some(chunk.content);
            }
            ChatStreamEvent::ReasoningChunk(chunk) => {
                self.draft.seen.bytes += length(&chunk.content);
                self.draft.reasoning.push_str(&chunk.content);
            }
            ChatStreamEvent::ToolCallChunk(chunk) => {
                let call = chunk.tool_call;
                let now = match &call.fn_arguments {
                    Value::String(arguments) => arguments.len(),
                    arguments => arguments.to_string().len(),
                } + call.fn_name.len();
                let before = self.calls.insert(call.call_id, now).unwrap_or(0);
                self.draft.seen.bytes += u64::try_from(now.saturating_sub(before)).unwrap_or(0);
            }
            _ => {}
        }
        if self.draft.seen.bytes > LONGEST_ANSWER_BYTES {
            return Err(self.exchange.malformed("the answer has no end", self.seen()));
        }
        Ok(text)
    }

    fn ended(mut self, end: StreamEnd) -> Result<Draft, ProviderError> {
        let heard = self.ear.take();
        let tokens = self.tokens(&heard);
        if let Some(fault) = heard.fault {
            return Err(self.exchange.reported(&fault, Seen { tokens, ..self.draft.seen }));
        }
        self.draft.stop = match (&end.captured_stop_reason, heard.refused) {
            (_, true) => Some(Stop::ContentFilter),
            (reason, false) => reason.as_ref().map(stop),
        };
        let calls = end.captured_into_tool_calls().unwrap_or_default();
        self.draft.calls = if heard.calls.is_empty() {
            calls.into_iter().map(DraftCall::from).collect()
        } else {
            heard.calls.into_iter().map(|(_, call)| call).collect()
        };
        Ok(Draft { tokens, model: heard.model, id: heard.id, ..self.draft })
    }

    /// What an error of genai means. Its text is not looked at: it may hold the whole request.
    async fn failed(&self, error: genai::Error, stream: &mut ChatStream) -> ProviderError {
        match error {
            genai::Error::WebStream { error, .. } => match error.downcast::<genai::Error>() {
                Ok(error) => match *error {
                    genai::Error::HttpError { status, body, headers, .. } => {
                        self.exchange.refused(status.as_u16(), &headers, &body)
                    }
                    _ => self.exchange.cut(self.seen()),
                },
                Err(error) => match error.downcast::<reqwest::Error>() {
                    Ok(error) => self.exchange.transport(&error, self.seen()),
                    // Bytes that are no text.
                    Err(_) => self.malformed(),
                },
            },
            genai::Error::ChatResponse { body, .. } => self.reported(&body),
            // Half a frame is what a cut leaves behind, so the end must follow. Otherwise it is the provider's doing.
            genai::Error::StreamParse { serde_error, .. }
                if serde_error.is_eof() || self.ear.heard_half() =>
            {
                match self.next(stream).await {
                    // Google's streams end in an event all the same: without a reason then.
                    Ok(Some(Ok(ChatStreamEvent::End(end))))
                        if end.captured_stop_reason.is_none() =>
                    {
                        self.exchange.cut(self.seen())
                    }
                    Ok(None) => self.exchange.cut(self.seen()),
                    Ok(Some(_)) => self.malformed(),
                    Err(error) => error,
                }
            }
            _ => self.malformed(),
        }
    }

    /// Whether what genai calls an error is a frame without any part of an answer.
    fn is_report(&self, body: &Value) -> bool {
        body.get("finishReason").is_some_and(Value::is_null) && self.ear.heard_no_fault()
    }

    /// The usage, if it is of the whole answer.
    fn tokens(&self, heard: &Heard) -> Option<Tokens> {
        let usage = heard.usage_is_final.then(|| Value::Object(heard.usage.clone()))?;
        usage::believed((self.dialect.usage)(&usage))
    }

    fn malformed(&self) -> ProviderError {
        self.exchange.malformed("the stream is not in the provider's format", self.seen())
    }

    /// An error in the stream; what was heard of it is nearer to what was sent than what genai made of it.
    fn reported(&self, body: &Value) -> ProviderError {
        let heard = self.ear.take();
        let seen = Seen { tokens: self.tokens(&heard), ..self.draft.seen };
        if heard.refused {
            let message = "the provider refuses the prompt for its content";
            return self.exchange.error(ModelErrorClass::ContentFilter, message, seen);
        }
        match heard.fault {
            Some(fault) => self.exchange.reported(&fault, seen),
            None if body.is_null() => {
                self.exchange.malformed("the stream is not in the provider's format", seen)
            }
            None => self.exchange.reported(body, seen),
        }
    }

    /// What was seen so far, which is what an error tells.
    fn seen(&self) -> Seen {
        Seen { tokens: self.tokens(&self.ear.take()), ..self.draft.seen }
    }
}

fn stop(reason: &StopReason) -> Stop {
    match reason {
        StopReason::Completed(_) => Stop::Completed,
        StopReason::MaxTokens(_) => Stop::MaxTokens,
        StopReason::ToolCall(_) => Stop::ToolCalls,
        StopReason::ContentFilter(_) => Stop::ContentFilter,
        StopReason::StopSequence(_) => Stop::StopSequence,
        StopReason::Other(word) => Stop::Other(word.chars().take(64).collect()),
    }
}

impl From<genai::chat::ToolCall> for DraftCall {
    fn from(call: genai::chat::ToolCall) -> Self {
        Self { id: Some(call.call_id), name: call.fn_name, arguments: call.fn_arguments }
    }
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}
