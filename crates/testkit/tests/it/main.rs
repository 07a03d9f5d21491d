//! Tests of the test tools, and of the house as a whole: its rooms and the sizes of its files.
#![cfg(test)]

mod app;
mod database;
mod engines;
mod ledger;
mod model_server;
mod proxy;
mod rooms;
mod sizes;
