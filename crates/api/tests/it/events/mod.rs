//! Events of a task: pages, streams, deltas.

mod page;
mod stream;
