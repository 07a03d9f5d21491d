//! The settings as a process sees them: pairs in, settings or faults out.
#![cfg(test)]

mod faults;
mod generated;
mod loading;
