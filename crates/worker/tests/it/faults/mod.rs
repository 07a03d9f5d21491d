//! One after another, so that each has the machine to itself.

mod budgets;
mod cancel;
mod control;
mod drain;
mod models;
mod poison;
mod programs;
mod redis;
mod storm;
mod survival;
mod zombie;
