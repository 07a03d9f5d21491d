//! Redis, the bell: who rings it, who hears it, and the apalis backend that turns a ring into a running handler.
//!
//! What does not live here: anything that must not be lost. The job row in PostgreSQL is the promise; every key in
//! Redis may vanish at any moment, and a message may come never, twice or late. apalis and redis are named in this
//! room only, and none of their types leaves it. Read `fetch.rs` first: how a worker waits for work.

mod acknowledge;
mod backend;
mod backoff;
mod breaker;
mod bury;
mod delivery;
mod error;
mod fetch;
mod limit;
mod names;
mod outage;
mod publish;
mod pulse;
mod push;
mod queue;
mod rates;
mod repush;
mod serve;
mod signal;
mod subscribe;
mod tickets;

pub use breaker::{BreakerRules, Looked, Told, Watched};
pub use delivery::{Delivery, Held, JobRef};
pub use error::{QueueError, Unavailable};
pub use limit::{Limit, Verdict};
pub use pulse::Pulse;
pub use push::Posting;
pub use queue::Queue;
pub use rates::Share;
pub use serve::{Fallback, Handler, Serving};
pub use signal::{ProviderNews, Signal};
pub use subscribe::{Channel, Heard, Subscriber};
