use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ninja_types::UserId;

use crate::error::{ApiError, ApiResult, Code};

/// Open sockets and event streams of each user in this process, counted together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<Mutex<HashMap<UserId, u32>>>);

/// One open socket or stream; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    user: UserId,
    transport: Transport,
}

/// How somebody listens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    /// Server-sent events.
    Sse,
    /// A socket.
    WebSocket,
}

impl Seats {
    /// A seat for `user`, unless `limit` are taken.
    pub(crate) fn take(&self, user: UserId, limit: u32, transport: Transport) -> ApiResult<Seat> {
        let mut taken = self.taken();
        let mine = taken.entry(user).or_default();
        if *mine >= limit {
            let detail = format!(
                "You have {limit} open sockets and event streams, as many as your role may have."
            );
            return Err(ApiError::new(Code::RateLimited, detail).retry_after(5));
        }
        *mine += 1;
        drop(taken);
        transport.gauge().increment(1.0);
        Ok(Seat { seats: self.clone(), user, transport })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport {
    fn gauge(self) -> metrics::Gauge {
        let transport = match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        };
        metrics::gauge!("ninja_sockets", "transport" => transport)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.transport.gauge().decrement(1.0);
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
        let first = seats.take(ada, 2, Transport::Sse);
        let second = seats.take(ada, 2, Transport::WebSocket);
        assert!(first.is_ok() && second.is_ok());
        assert!(seats.take(ada, 2, Transport::WebSocket).is_err());
        assert!(seats.take(UserId::new(), 2, Transport::Sse).is_ok());
        drop(first);
        assert!(seats.take(ada, 2, Transport::Sse).is_ok());
        drop(second);
        assert!(seats.taken().is_empty());
    }
}
