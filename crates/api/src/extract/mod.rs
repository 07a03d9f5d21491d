//! What a handler takes: a checked body, a checked query, an id, an idempotency key. Read `valid.rs` first.
//!
//! The schema that the OpenAPI document shows is the one that a request is checked against: there is no second list of
//! rules. All that is wrong is answered at once.

pub(crate) mod form;
mod id;
mod json;
mod once;
mod page;
mod query;
mod schema;
mod valid;

pub(crate) use id::Id;
pub(crate) use json::strict;
pub(crate) use once::Once;
pub(crate) use page::{NoFilter, Page, PageParams};
pub(crate) use query::{ValidQuery, words};
pub(crate) use valid::{Valid, ValidOrDefault, given};

pub(crate) use query::names_a_secret;
