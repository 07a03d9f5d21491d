//! The sandbox against real programs, through its public door. Numbers in comments are those of the
//! list in `docs/sandbox.md`.
#![cfg(test)]

mod cage;
mod ending;
mod files;
mod identity;
mod kernel;
mod languages;
mod limits;
mod memory;
mod network;
mod output;
mod processes;
mod proof;
mod victim;
mod workspace;
