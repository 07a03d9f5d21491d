use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{broadcast, watch};

use super::{Frame, Told};

/// Events kept as shared bytes; who is further behind reads pages.
const REMEMBERED: usize = 64;
/// Pieces of output kept for a reader that is busy; older ones are dropped for it.
pub(super) const DELTAS_REMEMBERED: usize = 64;

/// A task that somebody watches: its newest events, and the bell for its followers.
#[derive(Debug)]
pub(super) struct Watched {
    recent: Mutex<Recent>,
    head: watch::Sender<Head>,
    deltas: OnceLock<broadcast::Sender<Frame>>,
}

/// How far a follower can read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Everything up to this number is in the rows, and the newest of it in memory.
    pub(super) seq: i64,
    /// The task was deleted: nothing comes any more.
    pub(super) gone: bool,
}

#[derive(Debug)]
struct Recent {
    /// Number of the newest event that was read; `events` ends with it, without a gap.
    head: i64,
    events: VecDeque<Told>,
}

impl Watched {
    pub(super) fn new(head: i64) -> Self {
        Self {
            recent: Mutex::new(Recent { head, events: VecDeque::new() }),
            head: watch::Sender::new(Head { seq: head, gone: false }),
            deltas: OnceLock::new(),
        }
    }

    /// The bell: rings whenever there is more to read.
    pub(super) fn bell(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    pub(super) fn head(&self) -> i64 {
        self.recent().head
    }

    /// The events after `cursor`, as far as they were read; `None`: it is older than what is remembered.
    pub(super) fn after(&self, cursor: i64) -> Option<Vec<Told>> {
        let recent = self.recent();
        let first = recent.events.front().map_or(recent.head + 1, |told| told.seq);
        if cursor + 1 < first {
            return None;
        }
        Some(recent.events.iter().filter(|told| told.seq > cursor).cloned().collect())
    }

    /// Adds what was read and rings.
    pub(super) fn add(&self, news: Vec<Told>) {
        let mut recent = self.recent();
        for told in news {
            if told.seq <= recent.head {
                continue;
            }
            if told.seq > recent.head + 1 {
                recent.events.clear();
            }
            recent.head = told.seq;
            recent.events.push_back(told);
            if recent.events.len() > REMEMBERED {
                recent.events.pop_front();
            }
        }
        let seq = recent.head;
        drop(recent);
        self.head.send_if_modified(|head| {
            let more = seq > head.seq;
            head.seq = head.seq.max(seq);
            more
        });
    }

    /// Tells every follower that the task is deleted.
    pub(super) fn gone(&self) {
        self.head.send_modify(|head| head.gone = true);
    }

    pub(super) fn deltas(&self) -> broadcast::Receiver<Frame> {
        self.deltas.get_or_init(|| broadcast::Sender::new(DELTAS_REMEMBERED)).subscribe()
    }

    /// Shows a piece of output to whoever looks at this moment.
    pub(super) fn show(&self, delta: Frame) {
        if let Some(deltas) = self.deltas.get() {
            // An error says that nobody looks at the moment, which is no fault.
            drop(deltas.send(delta));
        }
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(seq: i64) -> Told {
        Told { seq, terminal: false, settles: false, frame: Frame::default() }
    }

    fn seqs(watched: &Watched, cursor: i64) -> Option<Vec<i64>> {
        watched.after(cursor).map(|events| events.iter().map(|told| told.seq).collect())
    }

    #[test]
    fn a_cursor_at_the_head_needs_no_page_and_one_behind_it_does() {
        let watched = Watched::new(7);
        assert_eq!(seqs(&watched, 7), Some(vec![]));
        assert_eq!(seqs(&watched, 6), None);
    }

    #[test]
    fn events_that_come_twice_are_remembered_once() {
        let watched = Watched::new(7);
        watched.add(vec![told(8), told(9)]);
        watched.add(vec![told(9), told(10)]);
        assert_eq!(seqs(&watched, 7), Some(vec![8, 9, 10]));
        assert_eq!(seqs(&watched, 9), Some(vec![10]));
        assert_eq!(watched.bell().borrow().seq, 10);
    }

    #[test]
    fn only_the_last_64_are_remembered() {
        let watched = Watched::new(0);
        watched.add((1..=100).map(told).collect());
        assert_eq!(seqs(&watched, 35), None);
        assert_eq!(seqs(&watched, 36), Some((37..=100).collect()));
    }

    #[test]
    fn a_gap_is_never_bridged() {
        let watched = Watched::new(3);
        watched.add(vec![told(4), told(6)]);
        assert_eq!(seqs(&watched, 4), None);
        assert_eq!(seqs(&watched, 5), Some(vec![6]));
    }
}
