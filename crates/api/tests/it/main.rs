//! The API as its clients meet it: the real programs, real engines, a database per test. Folders mirror the URLs;
//! `edge/` holds what is true of every route.

mod auth;
mod edge;
mod openapi;
