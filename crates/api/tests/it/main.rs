//! The API as its clients meet it: the real programs, real engines, a database per test. Folders mirror the URLs;
//! `edge/` holds what is true of every route.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod admin;
mod agents;
mod auth;
mod edge;
mod events;
mod faults;
mod files;
mod models;
mod openapi;
mod sockets;
mod tasks;
