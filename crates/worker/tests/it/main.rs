//! The worker as a real process beside a real API: what it does when processes and engines die under it.
#![cfg(test)]

mod analysis;
mod answers;
mod collector;
mod control;
mod faults;
mod fleet;
mod journal;
mod probes;
mod programs;
mod sums;
