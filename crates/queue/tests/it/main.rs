//! The queue against a real Redis of its own: what is rung is heard, whatever happens to Redis meanwhile.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod bench;
mod breaker;
mod limit;
mod messages;
mod outages;
mod rates;
mod repush;
mod stop;
mod subscribe;
mod tickets;
