//! Models as their callers see them.
#![cfg(test)]

mod calls;
