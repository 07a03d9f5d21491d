//! What is true of every route.

mod authorisation;
mod drain;
mod errors;
mod general;
mod headers;
mod in_flight;
mod limits;
mod malformed;
