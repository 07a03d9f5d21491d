//! Steps: what an attempt needs to know, and how it ends. `finish.rs` is the transaction that every promise hangs on.

mod advance;
pub(crate) mod end;
mod fail;
mod finish;
mod load;
pub(crate) mod reopen;
mod successor;
pub(crate) mod wait;

pub(crate) use advance::{Graph, Node, go_on, open_ready};
pub use fail::{fail, stop};
pub use finish::{NewArtifact, StepDone, finish};
pub use load::{CallRow, Work, WorkArtifact, WorkFile, WorkStep, WorkTask, load};
pub use successor::Shortcut;
