//! Reads what a run writes: keeps its beginning and its end, counts all of it, shows it live.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::verdict::Verdict;
use crate::{Captured, Cause, Limits};

const CHUNK_MOST: usize = 8 * 1024;
/// At least this long between two live chunks of one stream.
const CHUNK_GAP: Duration = Duration::from_millis(100);

/// Which of the two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of live output, at most 8 KiB. A program that writes faster than it can be shown loses
/// pieces here, never in the kept output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it was written to.
    pub stream: Stream,
    /// May begin or end inside a UTF-8 character.
    pub bytes: Vec<u8>,
}

/// Reads one stream to its end.
pub(crate) async fn read(
    mut pipe: Receiver,
    limits: &Limits,
    mut live: Live,
    verdict: &Arc<Verdict>,
) -> Captured {
    let mut kept = Kept::new(limits.output_kept_bytes);
    let mut buffer = vec![0; 32 * 1024];
    loop {
        let read = match live.due() {
            None => pipe.read(&mut buffer).await,
            Some(due) => match timeout_at(due, pipe.read(&mut buffer)).await {
                Ok(read) => read,
                Err(_elapsed) => {
                    live.show();
                    continue;
                }
            },
        };
        // An error on a pipe that is read means that it is gone: the same as its end.
        let count = read.unwrap_or(0);
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        kept.take(bytes);
        live.take(bytes);
        if kept.total > limits.output_hard_bytes {
            verdict.give(Cause::Output);
        }
    }
    live.show();
    kept.captured()
}

struct Kept {
    half: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Kept {
    fn new(most: u64) -> Self {
        let half = usize::try_from(most / 2).unwrap_or(usize::MAX);
        Self { half, head: Vec::new(), tail: VecDeque::new(), total: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.total += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let room = (self.half - self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        let last = rest.get(rest.len().saturating_sub(self.half)..).unwrap_or(rest);
        let over = (self.tail.len() + last.len()).saturating_sub(self.half);
        self.tail.drain(..over.min(self.tail.len()));
        self.tail.extend(last);
    }

    fn captured(self) -> Captured {
        let kept = u64::try_from(self.head.len() + self.tail.len()).unwrap_or(u64::MAX);
        Captured {
            head: self.head,
            tail: self.tail.into(),
            total_bytes: self.total,
            truncated: kept < self.total,
        }
    }
}

/// What is still to be shown of one stream.
pub(crate) struct Live {
    stream: Stream,
    to: Option<mpsc::Sender<Chunk>>,
    pending: Vec<u8>,
    next: Instant,
}

impl Live {
    pub(crate) fn new(stream: Stream, to: Option<mpsc::Sender<Chunk>>) -> Self {
        Self { stream, to, pending: Vec::new(), next: Instant::now() }
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.to.is_some() {
            let room = CHUNK_MOST.saturating_sub(self.pending.len()).min(bytes.len());
            self.pending.extend_from_slice(bytes.get(..room).unwrap_or_default());
            if Instant::now() >= self.next {
                self.show();
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        (!self.pending.is_empty()).then_some(self.next)
    }

    /// A full channel drops: a slow watcher never holds up a program.
    fn show(&mut self) {
        if let Some(to) = self.to.as_ref().filter(|_| !self.pending.is_empty()) {
            let bytes = std::mem::take(&mut self.pending);
            let _slow_or_gone = to.try_send(Chunk { stream: self.stream, bytes });
            self.next = Instant::now() + CHUNK_GAP;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(most: u64, pieces: &[&[u8]]) -> Captured {
        let mut kept = Kept::new(most);
        for piece in pieces {
            kept.take(piece);
        }
        kept.captured()
    }

    #[test]
    fn output_that_fits_is_kept_whole() {
        let captured = kept(8, &[b"abc", b"defg", b"h"]);
        assert_eq!((captured.text().as_str(), captured.truncated), ("abcdefgh", false));
    }

    #[test]
    fn of_longer_output_the_first_and_the_last_half_are_kept() {
        let captured = kept(4, &[b"a", b"bcdefghi", b"j"]);
        assert_eq!((captured.head.as_slice(), captured.tail.as_slice()), (&b"ab"[..], &b"ij"[..]));
        assert_eq!((captured.total_bytes, captured.truncated), (10, true));
        assert_eq!(captured.text(), "ab\n[… 6 bytes left out …]\nij");
    }
}
