//! What tests stand on: real engines, a database per test, the real programs as processes, clients.
//!
//! Start with [`Database::fresh`] for a test of queries, with [`TestApp::start`] for one of the whole
//! product, and with [`Pg`] and [`Redis`] where the engine itself is to be hurt. Nothing of the product
//! lives here, and the product never depends on it. A test tool fails by panicking.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test tool fails the test that uses it"
)]

mod app;
mod bench;
mod client;
mod database;
mod engine;
mod invariants;
mod ledger;
pub mod model_server;
mod patience;
mod program;
mod proxy;
pub mod report_numbers;
mod socket;
mod sse;
mod state;

pub use app::{Setup, TestApp};
pub use bench::TestBench;
pub use client::{Answer, Client};
pub use database::Database;
pub use engine::{Pg, Redis, fresh_prefix, redis_url};
pub use ledger::send;
pub use model_server::ModelServer;
pub use patience::until;
pub use program::Program;
pub use proxy::FaultProxy;
pub use socket::{Dial, Socket};
pub use sse::{Sse, SseEvent};

/// A client without the proxies of the environment and with patience for a busy machine.
pub(crate) fn http() -> reqwest::Client {
    let client =
        reqwest::Client::builder().no_proxy().connect_timeout(std::time::Duration::from_secs(5));
    client.build().expect("an HTTP client")
}
