//! The sandbox against real programs, through its public door.

mod cage;
mod smoke;
