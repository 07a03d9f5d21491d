//! Tools with a real sandbox and a real file store.
#![cfg(test)]

mod run_code;
mod shop;
