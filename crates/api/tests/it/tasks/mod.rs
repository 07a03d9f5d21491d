//! The URL tree below `/api/v1/tasks`, asked from outside.

mod access;
mod cancel;
mod create;
mod delete;
mod explain;
mod get;
mod idempotency;
mod list;
mod stats;
mod steps;
mod templates;
