//! An answer as it goes over the wire: which bytes, when, and how it ends.

use std::time::Duration;

use serde_json::Value;

use super::{
    answer::Answer,
    asked::Asked,
    formats::{Event, Format},
    http,
    reply::{Fault, Refusal, Reply},
};

/// What is sent.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) status: u16,
    pub(super) before: Duration,
    pub(super) head: Vec<u8>,
    pub(super) parts: Vec<Part>,
    pub(super) end: End,
}

/// Bytes that are sent together.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    /// Of the body, without what HTTP puts around them.
    pub(super) length: usize,
    pub(super) pause: Duration,
    pub(super) pieces: u64,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As HTTP wants it.
    Whole,
    /// Not, until the client leaves.
    Silence,
    /// With a reset.
    Reset,
}

impl Plan {
    /// One JSON text.
    pub(super) fn json(status: u16, body: &Value, headers: &[(String, String)]) -> Self {
        Self::body(status, body.to_string(), headers)
    }

    pub(super) fn body(status: u16, body: String, headers: &[(String, String)]) -> Self {
        let head = http::head(status, "application/json", headers, Some(body.len()));
        let length = body.len();
        let part = Part { bytes: body.into_bytes(), length, pause: Duration::ZERO, pieces: 0 };
        Self { status, before: Duration::ZERO, head, parts: vec![part], end: End::Whole }
    }

    pub(super) fn refusal(
        format: &dyn Format,
        refusal: &Refusal,
        model: &str,
        reply: &Reply,
    ) -> Self {
        let body = refusal.body.clone().unwrap_or_else(|| format.error(refusal, model).to_string());
        let mut plan = Self::body(refusal.status, body, &reply.headers);
        plan.before = Duration::from_millis(reply.first_byte_ms);
        plan
    }

    /// The answer of a script.
    pub(super) fn answer(format: &dyn Format, asked: &Asked, reply: &Reply, number: u64) -> Self {
        if let Some(refusal) = &reply.error {
            return Self::refusal(format, refusal, &asked.model, reply);
        }
        let answer = Answer::new(number, asked, reply);
        let mut plan = if asked.stream {
            Self::stream(format, asked, reply, &answer)
        } else {
            Self::whole(format, asked, reply, &answer)
        };
        plan.before = Duration::from_millis(reply.first_byte_ms);
        plan
    }

    fn whole(format: &dyn Format, asked: &Asked, reply: &Reply, answer: &Answer) -> Self {
        let mut body = format.whole(asked, answer).to_string();
        match reply.fault {
            Some(Fault::BadJson(_)) => body.truncate(body.floor_char_boundary(body.len() / 2)),
            Some(Fault::Empty) => body.clear(),
            _ => {}
        }
        let mut plan = Self::body(200, body, &reply.headers);
        let keep = match reply.fault {
            Some(Fault::CutAfterBytes(bytes)) => bytes,
            Some(Fault::SilentAfter(_) | Fault::CutAfter(_)) => 0,
            _ => return plan,
        };
        let part = &mut plan.parts[0];
        part.bytes.truncate(keep);
        part.length = part.bytes.len();
        let silent = matches!(reply.fault, Some(Fault::SilentAfter(_)));
        plan.end = if silent { End::Silence } else { End::Reset };
        plan
    }

    fn stream(format: &dyn Format, asked: &Asked, reply: &Reply, answer: &Answer) -> Self {
        let framing = format.framing();
        let (events, end) = broken(format, asked, format.events(asked, answer), reply.fault);
        let pause = Duration::from_millis(reply.chunk_ms);
        let mut parts = Vec::new();
        let mut bytes = Vec::new();
        let mut pieces = 0;
        for event in &events {
            if event.piece && !pause.is_zero() && !bytes.is_empty() {
                parts.push(chunk(&std::mem::take(&mut bytes), std::mem::take(&mut pieces)));
            }
            bytes.extend_from_slice(framing.write(event).as_bytes());
            pieces += u64::from(event.piece);
        }
        if let Some(Fault::CutAfterBytes(keep)) = reply.fault {
            let sent = parts.iter().map(|part: &Part| part.length).sum::<usize>();
            bytes.truncate(keep.saturating_sub(sent));
        }
        match reply.torn_bytes {
            _ if bytes.is_empty() => {}
            0 => parts.push(chunk(&bytes, pieces)),
            size => {
                let torn = bytes.chunks(size);
                parts.extend(torn.map(|piece| Part { pause: TEAR, ..chunk(piece, 0) }));
                if let Some(last) = parts.last_mut() {
                    last.pieces = pieces;
                }
            }
        }
        for part in parts.iter_mut().skip(1) {
            part.pause = part.pause.max(pause);
        }
        if end == End::Whole {
            let last =
                Part { bytes: b"0\r\n\r\n".to_vec(), length: 0, pause: Duration::ZERO, pieces: 0 };
            parts.push(last);
        }
        let head = http::head(200, framing.media(), &reply.headers, None);
        Self { status: 200, before: Duration::ZERO, head, parts, end }
    }
}

/// Between torn pieces: enough that they arrive as such.
const TEAR: Duration = Duration::from_micros(200);

fn chunk(bytes: &[u8], pieces: u64) -> Part {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    Part { bytes: chunk, length: bytes.len(), pause: Duration::ZERO, pieces }
}

/// The events with what goes wrong, and how they end.
fn broken(
    format: &dyn Format,
    asked: &Asked,
    mut events: Vec<Event>,
    fault: Option<Fault>,
) -> (Vec<Event>, End) {
    let place = |events: &[Event], count: usize| {
        let mut pieces = events.iter().enumerate().filter(|(_, event)| event.piece);
        pieces.nth(count).map_or(events.len(), |(place, _)| place)
    };
    match fault {
        None => (events, End::Whole),
        Some(Fault::Empty) => (Vec::new(), End::Whole),
        Some(Fault::CutAfterBytes(_)) => (events, End::Reset),
        Some(Fault::BadJson(number)) => {
            let place = place(&events, number);
            if let Some(event) = events.get_mut(place) {
                event.data.truncate(event.data.floor_char_boundary(event.data.len() / 2));
            }
            (events, End::Whole)
        }
        Some(Fault::SilentAfter(count)) => {
            events.truncate(place(&events, count));
            (events, End::Silence)
        }
        Some(Fault::CutAfter(count)) => {
            events.truncate(place(&events, count));
            (events, End::Reset)
        }
        Some(Fault::EndAfter(count)) => {
            events.truncate(place(&events, count));
            (events, End::Whole)
        }
        Some(Fault::ErrorAfter(count, status)) => {
            events.truncate(place(&events, count));
            let refusal = Refusal { status, ..Refusal::default() };
            let name = events.first().and_then(|event| event.name).map(|_| "error");
            let error = Event::frame(&format.error(&refusal, &asked.model));
            events.push(Event { name, ..error });
            (events, End::Whole)
        }
    }
}
