use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ninja_types::UserId;

/// Open sockets and event streams of each user in this process, counted together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<Mutex<HashMap<UserId, u32>>>);

/// One open socket or stream; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    user: UserId,
}

impl Seats {
    /// A seat for `user`, unless `limit` are taken.
    pub(crate) fn take(&self, user: UserId, limit: u32) -> Option<Seat> {
        let mut taken = self.taken();
        let mine = taken.entry(user).or_default();
        if *mine >= limit {
            return None;
        }
        *mine += 1;
        drop(taken);
        Some(Seat { seats: self.clone(), user })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(mine) = taken.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_so_many_seats_and_each_comes_back() {
        let seats = Seats::default();
        let ada = UserId::new();
        let first = seats.take(ada, 2);
        let second = seats.take(ada, 2);
        assert!(first.is_some() && second.is_some());
        assert!(seats.take(ada, 2).is_none());
        assert!(seats.take(UserId::new(), 2).is_some());
        drop(first);
        assert!(seats.take(ada, 2).is_some());
        drop(second);
        assert!(seats.taken().is_empty());
    }
}
