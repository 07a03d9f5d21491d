//! The process that does the work: takes a job, proves that it holds it, runs it, settles it.
//!
//! What does not live here: what a step does (`agents`), SQL (`db`), Redis (`queue`). Read `attempt.rs` first, the way of
//! one job; then `heartbeat.rs`, which decides whether this process may still work, and `sweeper.rs`, which takes
//! back the work of those that may not. `process.rs` puts them together.

mod alone;
mod assemble;
mod attempt;
mod backoff;
mod collector;
mod configured;
mod discover;
mod drain;
mod errand;
mod fallback;
mod gate;
mod health;
mod heartbeat;
mod http;
mod jobs;
mod life;
mod process;
mod provider_health;
mod provider_rates;
mod provider_source;
mod recorder;
mod release;
mod running;
mod settle;
mod sweeper;
mod takeover;
mod telemetry;
mod worker;

pub use health::ask;
pub use process::{WorkerError, run};
pub use telemetry::start as start_telemetry;
