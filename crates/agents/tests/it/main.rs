//! Agents with a real sandbox, a real file store and the real programs; only the journal is in memory.
#![cfg(test)]

mod journal;
mod references;

/// One test per file of `tests/references`: the build script names them.
mod reference {
    include!(concat!(env!("OUT_DIR"), "/references.rs"));
}

mod analyst;
mod answer;
