//! The rows and the database that keeps them, on a real PostgreSQL.
#![cfg(test)]

mod audit;
mod budget;
mod cancel;
mod create;
mod finish;
mod histories;
mod journal;
mod leases;
mod messages;
mod migrations;
mod money;
mod pause;
mod release;
mod retry;
mod sealed;
mod takeover;
mod transitions;
mod world;
