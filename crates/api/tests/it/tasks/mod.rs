//! The URL tree below `/api/v1/tasks`, asked from outside.

mod access;
mod again;
mod budget;
mod cancel;
mod course;
mod create;
mod delete;
mod explain;
mod get;
mod idempotency;
mod list;
mod stats;
mod steps;
mod templates;
