//! The rows and the database that keeps them, on a real PostgreSQL.
#![cfg(test)]

mod audit;
mod cancel;
mod create;
mod finish;
mod journal;
mod leases;
mod migrations;
mod release;
mod takeover;
mod transitions;
mod world;
