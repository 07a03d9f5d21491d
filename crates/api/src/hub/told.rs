use actix_web::web::Bytes;
use ninja_types::{Delta, EventRecord};

/// One event, serialised once for everybody who is told of it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Its number.
    pub(crate) seq: i64,
    /// Nothing follows it.
    pub(crate) terminal: bool,
    /// Whoever waits for the task need wait no longer: it has ended, or it asks a person.
    pub(crate) settles: bool,
    /// What is sent.
    pub(crate) frame: Frame,
}

/// The same JSON in the words of each channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// For an event stream. Its last line but one holds the JSON.
    pub(crate) sse: Bytes,
    /// For a socket: one text message.
    pub(crate) socket: Bytes,
}

impl Told {
    pub(super) fn new(record: &EventRecord) -> serde_json::Result<Self> {
        let json = serde_json::to_string(record)?;
        let terminal = record.is_terminal();
        Ok(Self {
            seq: record.seq,
            terminal,
            settles: terminal || record.kind == "task.waiting",
            frame: Frame {
                sse: format!("id: {}\nevent: {}\ndata: {json}\n\n", record.seq, record.kind).into(),
                socket: format!(r#"{{"type":"event","event":{json}}}"#).into(),
            },
        })
    }
}

/// A piece of output: without a number, so that it moves no cursor.
pub(super) fn delta_frame(delta: &Delta) -> serde_json::Result<Frame> {
    let json = serde_json::to_string(delta)?;
    Ok(Frame {
        sse: format!("event: delta\ndata: {json}\n\n").into(),
        socket: format!(r#"{{"type":"delta","delta":{json}}}"#).into(),
    })
}
