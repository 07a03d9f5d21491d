/// Bytes of one event at most: a server that sends more without an end of line is none of ours.
const MOST: usize = 4 * 1024 * 1024;

/// One event of a `text/event-stream`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The `id` line, if the event had one.
    pub(crate) id: Option<String>,
    /// The `event` line, else `message`.
    pub(crate) event: String,
    /// The `data` lines.
    pub(crate) data: String,
}

/// Reads an event stream piece by piece, wherever the pieces are cut. Follows the WHATWG description, with the
/// difference that an event's `id` is told with the event only.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    pending: Vec<u8>,
    id: Option<String>,
    event: String,
    data: Option<String>,
    retry_ms: Option<u64>,
    begun: bool,
}

/// More bytes without an event than any event of ours has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Parser {
    /// Takes the next piece and answers the events that it completed.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<Frame>, TooLong> {
        self.pending.extend_from_slice(piece);
        let mut frames = Vec::new();
        while let Some(line) = self.next_line() {
            frames.extend(self.line(&line));
        }
        if self.pending.len() + self.data.as_ref().map_or(0, String::len) > MOST {
            return Err(TooLong);
        }
        Ok(frames)
    }

    /// The wait before a reconnect that the server asked for.
    pub(crate) fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    /// Cuts one whole line off: LF, CR LF, or a CR that something follows (it could be half of a CR LF).
    fn next_line(&mut self) -> Option<String> {
        let end = self.pending.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
        let after = match (self.pending[end], self.pending.get(end + 1)) {
            (b'\r', None) => return None,
            (b'\r', Some(b'\n')) => end + 2,
            _ => end + 1,
        };
        let line: Vec<u8> = self.pending.drain(..after).take(end).collect();
        let text = String::from_utf8_lossy(&line).into_owned();
        let first = !std::mem::replace(&mut self.begun, true);
        Some(match text.strip_prefix('\u{feff}') {
            Some(rest) if first => rest.to_owned(),
            _ => text,
        })
    }

    fn line(&mut self, line: &str) -> Option<Frame> {
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "event" => value.clone_into(&mut self.event),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "retry" => self.retry_ms = value.parse().ok().or(self.retry_ms),
            _ => {} // a comment, or a field of later days
        }
        None
    }

    fn dispatch(&mut self) -> Option<Frame> {
        let id = self.id.take();
        let event = std::mem::take(&mut self.event);
        let data = self.data.take()?;
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(Frame { id, event, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "\u{feff}retry: 2000\n: hb\n\nid: 1\nevent: task.created\ndata: {\"a\":\r\ndata: \"ü\"}\n\n\
                          event: delta\rdata:x\r\rid: 2\n\ndata\n\nfuture: 1\ndata: last\n\ndata: cut";

    fn frame(id: Option<&str>, event: &str, data: &str) -> Frame {
        Frame { id: id.map(str::to_owned), event: event.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn an_event_stream_reads_the_same_however_it_is_cut() {
        let expected = [
            frame(Some("1"), "task.created", "{\"a\":\n\"ü\"}"),
            frame(None, "delta", "x"),
            frame(None, "message", ""),
            frame(None, "message", "last"),
        ];
        for size in 1..STREAM.len() {
            let mut parser = Parser::default();
            let pieces = STREAM.as_bytes().chunks(size);
            let frames: Vec<_> = pieces.flat_map(|piece| parser.push(piece).unwrap()).collect();
            assert_eq!(frames, expected, "in pieces of {size}");
            assert_eq!(parser.retry_ms(), Some(2000));
        }
    }

    #[test]
    fn a_stream_without_an_end_does_not_fill_the_memory() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; 1024 * 1024];
        let refused = (0..8).map(|_| parser.push(&piece)).position(|got| got == Err(TooLong));
        assert_eq!(refused, Some(4));
    }
}
