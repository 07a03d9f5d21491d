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
    /// The SSE frame. Its last line but one holds the event's JSON.
    pub(crate) frame: Bytes,
}

impl Told {
    pub(super) fn new(record: &EventRecord) -> serde_json::Result<Self> {
        let json = serde_json::to_string(record)?;
        let terminal = record.is_terminal();
        Ok(Self {
            seq: record.seq,
            terminal,
            settles: terminal || record.kind == "task.waiting",
            frame: format!("id: {}\nevent: {}\ndata: {json}\n\n", record.seq, record.kind).into(),
        })
    }
}

/// A piece of output as an SSE frame: without `id`, so that it moves no cursor.
pub(super) fn delta_frame(delta: &Delta) -> serde_json::Result<Bytes> {
    let json = serde_json::to_string(delta)?;
    Ok(format!("event: delta\ndata: {json}\n\n").into())
}
