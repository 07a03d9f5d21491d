//! PostgreSQL, the truth: every task, step, call, job, event, user and file row, and the only room that knows SQL.
//!
//! One file per aggregate; a query is a free function, connection first. A function that writes is one transaction.
//! What does not live here: HTTP, Redis, agents, and decisions about what a failure means. Read `jobs/claim.rs` first,
//! then `steps/finish.rs`: the two ends of every piece of work.
//!
//! Lock order: the task, its jobs, its steps, the user's day, the installation's; the user row (release) only where no older row is held.

mod advisory;
mod error;
mod json;
mod pool;
#[macro_use]
mod transact;
mod locked;
mod shared;

pub mod artifacts;
pub mod audit;
pub mod budgets;
pub mod calls;
pub mod events;
pub mod explain;
pub mod files;
pub mod idempotency;
pub mod jobs;
pub mod migrate;
pub mod news;
pub mod providers;
pub mod release;
pub mod schema;
pub mod sealed;
pub mod sessions;
pub mod steps;
pub mod sweep;
pub mod tasks;
pub mod templates;
pub mod tickets;
pub mod users;
pub mod workers;

pub use diesel_async::AsyncPgConnection;
pub use error::{DbError, DbResult};
pub use json::Json;
pub use pool::{Conn, ConnectOptions, Db, PoolState, connect_one};
pub use shared::{Lease, Notice, Owner, Push, Settled, Slots};
