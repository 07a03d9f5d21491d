//! `ninjactl` as people run it: the real program, with a home of its own, against servers that misbehave on purpose.
#![cfg(test)]

mod bytes;
mod identity;
mod live;
mod operator;
mod person;
mod product;
mod providers;
mod server;
mod settings;
