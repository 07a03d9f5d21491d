//! The sandbox against real programs, through its public door.
#![cfg(test)]

mod cage;
mod smoke;
