//! The sandbox against real programs, through its public door, in every tier. Numbers in comments are
//! those of the list in `docs/sandbox.md`. Read `cage.rs` first.
#![cfg(test)]

#[macro_use]
mod tiers;

mod attacks;
mod cage;
mod collection;
mod control;
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
mod restricted;
mod victim;
mod workspace;
