//! Tools with a real sandbox and a real file store.
#![cfg(test)]

mod run_code;
mod run_program;
mod shop;
