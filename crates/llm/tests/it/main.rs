//! Models as their callers see them, and the wire below: what every kind holds to, and what single servers do.
#![cfg(test)]

mod asked;
mod calls;
mod conformance;
mod quirks;
mod raw;
