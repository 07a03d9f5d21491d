//! What is true of every route.

mod authorisation;
mod drain;
mod errors;
mod headers;
mod limits;
mod malformed;
