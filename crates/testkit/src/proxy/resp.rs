//! Just enough of Redis's protocol to lose a message to a subscriber and nothing else.

/// Cuts what Redis sends into answers and messages, and loses some of the messages.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    held: Vec<u8>,
    messages: u32,
}

impl Sieve {
    /// What of these bytes, and of those held back, is to be sent on now.
    pub(super) fn pass(&mut self, bytes: &[u8], lost_percent: u32) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let mut out = Vec::with_capacity(self.held.len());
        while let Some(end) = end_of_value(&self.held, 0) {
            let value: Vec<u8> = self.held.drain(..end).collect();
            if !(is_message(&value) && self.loses(lost_percent)) {
                out.extend(value);
            }
        }
        out
    }

    /// Evenly spread: of every 100 messages exactly `percent`.
    fn loses(&mut self, percent: u32) -> bool {
        let before = self.messages * percent / 100;
        self.messages = (self.messages + 1) % 10_000;
        self.messages * percent / 100 > before
    }
}

fn is_message(value: &[u8]) -> bool {
    [&b"*3\r\n$7\r\nmessage\r\n"[..], b">3\r\n$7\r\nmessage\r\n"]
        .iter()
        .any(|head| value.starts_with(head))
}

/// Where the value that begins at `start` ends, if it is all there.
fn end_of_value(bytes: &[u8], start: usize) -> Option<usize> {
    let line = start + bytes.get(start..)?.windows(2).position(|two| two == b"\r\n")?;
    let after = line + 2;
    let count = || std::str::from_utf8(&bytes[start + 1..line]).ok()?.parse::<i64>().ok();
    let many = |factor: i64| {
        (0..count()?.max(0) * factor).try_fold(after, |at, _| end_of_value(bytes, at))
    };
    match bytes[start] {
        b'$' | b'=' | b'!' => match usize::try_from(count()?) {
            Ok(length) => (bytes.len() >= after + length + 2).then_some(after + length + 2),
            Err(_null) => Some(after),
        },
        b'*' | b'~' | b'>' => many(1),
        b'%' => many(2),
        b'|' => end_of_value(bytes, many(2)?),
        _ => Some(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b">3\r\n$7\r\nmessage\r\n$3\r\nabc\r\n$2\r\n\r\n\r\n";
    const ANSWER: &[u8] = b"*2\r\n$-1\r\n%1\r\n+a\r\n:1\r\n";

    #[test]
    fn answers_pass_however_they_are_cut() {
        let mut sieve = Sieve::default();
        let mut out = Vec::new();
        for byte in ANSWER.iter().chain(MESSAGE).chain(ANSWER) {
            out.extend(sieve.pass(&[*byte], 0));
        }
        assert_eq!(out, [ANSWER, MESSAGE, ANSWER].concat());
    }

    #[test]
    fn thirty_of_a_hundred_messages_are_lost_and_no_answer() {
        let mut sieve = Sieve::default();
        let sent = [MESSAGE, ANSWER].concat().repeat(100);
        let out = sieve.pass(&sent, 30);
        assert_eq!(out.len(), 70 * MESSAGE.len() + 100 * ANSWER.len());
    }
}
