//! One file per language: what it is called, how it is probed, compiled and run.

pub(crate) mod bash;
pub(crate) mod c;
pub(crate) mod javascript;
pub(crate) mod python;
