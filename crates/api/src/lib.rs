//! REST, event streams, OpenAPI, the documentation page, metrics.
//!
//! A request passes `edge` (id, headers, error bodies, panics), then `gate` (path, method,
//! identity, permission, limits; all from the registry that the OpenAPI document is), then its handler in `routes/`,
//! which is the only part that knows what the request is about. What does not live here: SQL, Redis, agents. Read
//! `routes/auth/login.rs` first.

mod answer;
mod app;
mod caller;
mod content;
mod cors;
mod docs;
mod edge;
mod error;
mod extract;
mod gate;
mod gauges;
mod health;
mod hub;
mod limits;
mod metrics;
mod openapi;
mod origin;
pub mod password;
mod problem;
mod registry;
mod routes;
mod server;
mod sessions;
mod sockets;
mod tickets;
mod tokens;

pub use app::{App, StartError};
pub use error::{ApiError, ApiResult, Code};
pub use openapi::openapi;
pub use problem::{FieldCode, FieldError, Problem};
pub use registry::{BadRoute, Grant, Operation, Registry};
pub use server::{Listening, listen};
