use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use ninja_types::JobId;
use tokio_util::sync::CancellationToken;

/// Why an attempt is stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its task is being cancelled.
    Cancelled,
    /// Its task was paused, and no call of it was in flight.
    Paused,
    /// This process ends.
    Drained,
    /// This process may no longer work for it: its lease is gone, or the job is another's.
    Fenced,
    /// It ran longer than a step may.
    Late,
}

/// What this process holds, by its own memory. The renewal compares it with the rows: what only one of the two knows
/// is a claim whose answer was lost, or a job that was taken away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<JobId, Held>>>);

#[derive(Debug)]
struct Held {
    stop: Arc<Stop>,
    /// The epoch of the claim, and when it was answered. A renewal that was sent before cannot know of it.
    claim: Option<(i64, Instant)>,
}

/// How an attempt is told to stop, and why: the first reason stands.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    token: CancellationToken,
    why: OnceLock<Why>,
    calls: Mutex<Calls>,
}

/// A pause waits for the call in flight; every other reason does not.
#[derive(Debug, Default)]
struct Calls {
    in_flight: usize,
    paused: bool,
}

impl Stop {
    pub(crate) fn now(&self, why: Why) {
        if self.why.set(why).is_ok() {
            self.token.cancel();
        }
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Its task is paused, or runs (again): stops the attempt as soon as no call is in flight.
    pub(crate) fn pause(&self, paused: bool) {
        let mut calls = self.calls();
        calls.paused = paused;
        self.stop_if_paused(&calls);
    }

    /// A call begins. The journal refuses it if the task is paused.
    pub(crate) fn begin_call(&self) {
        self.calls().in_flight += 1;
    }

    /// A call ended, and its answer is stored.
    pub(crate) fn end_call(&self) {
        let mut calls = self.calls();
        calls.in_flight = calls.in_flight.saturating_sub(1);
        self.stop_if_paused(&calls);
    }

    fn stop_if_paused(&self, calls: &Calls) {
        if calls.paused && calls.in_flight == 0 {
            self.now(Why::Paused);
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None`: nobody stopped it.
    pub(crate) fn why(&self) -> Option<Why> {
        self.why.get().copied()
    }
}

/// A job's place in the set, from before its claim until after its last commit.
#[derive(Debug)]
pub(crate) struct Place {
    running: Running,
    job: JobId,
    stop: Arc<Stop>,
}

impl Running {
    /// A place for `job`; `None` if it has one: its message came twice.
    pub(crate) fn enter(&self, job: JobId) -> Option<Place> {
        let mut jobs = self.lock();
        if jobs.contains_key(&job) {
            return None;
        }
        let stop = Arc::<Stop>::default();
        jobs.insert(job, Held { stop: Arc::clone(&stop), claim: None });
        Some(Place { running: self.clone(), job, stop })
    }

    /// Whether `job` is held under `epoch`, or its claim is under way.
    pub(crate) fn knows(&self, job: JobId, epoch: i64) -> bool {
        let jobs = self.lock();
        jobs.get(&job).is_some_and(|held| held.claim.is_none_or(|(claimed, _)| claimed == epoch))
    }

    /// Stops one attempt.
    pub(crate) fn stop(&self, job: JobId, why: Why) {
        if let Some(held) = self.lock().get(&job) {
            held.stop.now(why);
        }
    }

    /// The task of an attempt is paused, or is not.
    pub(crate) fn pause(&self, job: JobId, paused: bool) {
        if let Some(held) = self.lock().get(&job) {
            held.stop.pause(paused);
        }
    }

    /// Stops all attempts.
    pub(crate) fn stop_all(&self, why: Why) {
        for held in self.lock().values() {
            held.stop.now(why);
        }
    }

    /// What was claimed before `sent` and is not in `listed`: taken away by somebody.
    pub(crate) fn missing_from(&self, listed: &[(JobId, i64)], sent: Instant) -> Vec<JobId> {
        let jobs = self.lock();
        let claimed = jobs.iter().filter_map(|(job, held)| Some((*job, held.claim?)));
        claimed
            .filter(|(job, (epoch, at))| *at < sent && !listed.contains(&(*job, *epoch)))
            .map(|(job, _)| job)
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The claim was answered: from now on a renewal must list the job.
    pub(crate) fn hold(&self, epoch: i64) {
        if let Some(held) = self.running.lock().get_mut(&self.job) {
            held.claim = Some((epoch, Instant::now()));
        }
    }

    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.running.lock().remove(&self.job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_one_place_until_it_leaves() {
        let running = Running::default();
        let job = JobId::new();
        let place = running.enter(job).expect("nobody has it");
        assert!(running.enter(job).is_none());
        drop(place);
        assert!(running.enter(job).is_some());
    }

    #[test]
    fn a_claim_under_way_is_no_stray_and_is_not_missed() {
        let running = Running::default();
        let job = JobId::new();
        let place = running.enter(job).expect("nobody has it");
        assert!(running.knows(job, 1));
        assert!(running.missing_from(&[], Instant::now()).is_empty());
        let sent = Instant::now();
        place.hold(1);
        assert!(running.missing_from(&[], sent).is_empty(), "answered after the renewal was sent");
        assert_eq!(running.missing_from(&[], Instant::now()), [job]);
        assert_eq!(running.missing_from(&[(job, 2)], Instant::now()), [job], "another's epoch");
        assert!(running.missing_from(&[(job, 1)], Instant::now()).is_empty());
        assert!(!running.knows(job, 2));
    }

    #[test]
    fn a_pause_waits_for_the_call_in_flight_and_can_be_taken_back() {
        let running = Running::default();
        let job = JobId::new();
        let place = running.enter(job).expect("nobody has it");
        place.stop().begin_call();
        running.pause(job, true);
        assert_eq!(place.stop().why(), None);
        running.pause(job, false);
        place.stop().end_call();
        assert_eq!(place.stop().why(), None, "resumed before the call ended");
        running.pause(job, true);
        assert_eq!(place.stop().why(), Some(Why::Paused), "no call is in flight");
    }

    #[test]
    fn a_pause_stops_when_the_call_in_flight_has_ended() {
        let stop = Stop::default();
        stop.begin_call();
        stop.pause(true);
        assert!(!stop.token().is_cancelled());
        stop.end_call();
        assert_eq!((stop.token().is_cancelled(), stop.why()), (true, Some(Why::Paused)));
    }

    #[test]
    fn the_first_reason_to_stop_stands() {
        let running = Running::default();
        let job = JobId::new();
        let place = running.enter(job).expect("nobody has it");
        running.stop(job, Why::Cancelled);
        running.stop_all(Why::Drained);
        assert_eq!(place.stop().why(), Some(Why::Cancelled));
        assert!(place.stop().token().is_cancelled());
    }
}
