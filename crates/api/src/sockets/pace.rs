use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::leave::Leave;

const MESSAGES: usize = 20;
const SPAN: Duration = Duration::from_secs(1);

/// How fast a client speaks.
#[derive(Debug, Default)]
pub(super) struct Pace(VecDeque<Instant>);

impl Pace {
    /// Counts a message; one more than may come in a second ends the socket.
    pub(super) fn count(&mut self, now: Instant) -> Result<(), Leave> {
        if self.0.len() == MESSAGES {
            match self.0.pop_front() {
                Some(first) if now.duration_since(first) < SPAN => return Err(Leave::TOO_MANY),
                _ => {}
            }
        }
        self.0.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_in_any_second_and_not_one_more() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pace = Pace::default();
        assert!((0..20).all(|n| pace.count(at(n * 10)).is_ok()));
        assert!(pace.count(at(1_000)).is_ok(), "the first is a second old");
        assert!(pace.count(at(1_001)).is_err(), "the second is not");
    }
}
