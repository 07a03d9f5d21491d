//! A program's output on its way to those who watch: whole characters, in order, dropped rather than waited for.

use std::pin::pin;
use std::time::Duration;

use ninja_sandbox::{Chunk, Stream};
use ninja_types::DeltaStream;
use tokio::sync::mpsc;

use crate::Live;

/// How long the last words of a program that has ended may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Waits for `run`, and tells what comes through `chunks` meanwhile.
pub(crate) async fn watched<T>(
    run: impl Future<Output = T>,
    chunks: mpsc::Receiver<Chunk>,
    live: &dyn Live,
) -> T {
    let mut run = pin!(run);
    let mut talk = pin!(tell(chunks, live));
    let mut silent = false;
    let ended = loop {
        tokio::select! {
            biased;
            ended = &mut run => break ended,
            () = &mut talk, if !silent => silent = true,
        }
    };
    if !silent && tokio::time::timeout(LAST_WORDS, talk).await.is_err() {
        tracing::debug!("the last output of a program was not shown live; its result has it");
    }
    ended
}

async fn tell(mut chunks: mpsc::Receiver<Chunk>, live: &dyn Live) {
    let (mut stdout, mut stderr) = (Carry::default(), Carry::default());
    while let Some(chunk) = chunks.recv().await {
        let (stream, carry) = match chunk.stream {
            Stream::Stdout => (DeltaStream::Stdout, &mut stdout),
            Stream::Stderr => (DeltaStream::Stderr, &mut stderr),
        };
        let text = carry.decode(&chunk.bytes);
        if !text.is_empty() {
            live.say(stream, text).await;
        }
    }
    for (stream, carry) in [(DeltaStream::Stdout, stdout), (DeltaStream::Stderr, stderr)] {
        if !carry.0.is_empty() {
            live.say(stream, String::from_utf8_lossy(&carry.0).into_owned()).await;
        }
    }
}

/// The beginning of a character whose end is still to come.
#[derive(Default)]
struct Carry(Vec<u8>);

impl Carry {
    fn decode(&mut self, bytes: &[u8]) -> String {
        self.0.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.0);
        let mut text = String::new();
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let unfinished = chunks.peek().is_none() && may_go_on(chunk.invalid());
            if unfinished {
                self.0 = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }
}

fn may_go_on(bytes: &[u8]) -> bool {
    matches!(std::str::from_utf8(bytes), Err(error) if error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_waits_for_its_end() {
        let mut carry = Carry::default();
        let euro = "€".as_bytes();
        assert_eq!(carry.decode(&[b'a', euro[0]]), "a");
        assert_eq!(carry.decode(&[euro[1]]), "");
        assert_eq!(carry.decode(&[euro[2], b'b']), "€b");
        assert_eq!(carry.decode(&[0xff, b'c', euro[0]]), "\u{fffd}c");
        assert_eq!(carry.decode(b"d"), "\u{fffd}d");
    }
}
