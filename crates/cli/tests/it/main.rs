//! `ninjactl` as people run it: the real program, with a home of its own, against servers that misbehave on purpose.
#![cfg(test)]

mod bytes;
mod identity;
mod live;
mod person;
mod server;
mod settings;
