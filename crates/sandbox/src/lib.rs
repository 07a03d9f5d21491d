//! Runs programs that a model or a user wrote. Two halves: this library, which a worker links, and
//! the helper binary `ninja-sandbox` (`inside/`), which it starts once per run and which builds the
//! cage from within. Read [`Sandbox`] first, then `run.rs` for the way of one run, then
//! `inside/main.rs`. What is enforced, and how, stands in `docs/sandbox.md`.
//!
//! Nothing here stores a result or knows a task: that is the work of the rooms above.
#![expect(
    unsafe_code,
    reason = "starting a process, one descriptor and one version query; each block says why it holds"
)]

mod capture;
mod collect;
mod disk;
mod environment;
mod filter;
mod guard;
mod judge;
mod languages;
mod layers;
mod order;
mod outcome;
mod parts;
mod patrol;
mod pressure;
mod probe;
mod prove;
mod registry;
mod removal;
mod report;
mod run;
mod sandbox;
mod slots;
mod spawn;
mod spec;
mod timings;
mod tree;
mod verdict;
mod victims;
pub mod wire;
mod workspace;

pub use capture::{Chunk, Stream};
pub use collect::{Collected, CollectedFile, Skip, Skipped};
pub use outcome::{Captured, Cause, End, Outcome, Reason, Refused, RunError, Tier, Usage};
pub use registry::{Hello, Installed, LANGUAGES, Language, Set, find as find_language};
pub use report::{
    Layer, LayerState, PublishedLanguage, PublishedLimits, PublishedReport, Report,
    UnusableLanguage,
};
pub use sandbox::Sandbox;
pub use spec::{DiskLimits, Limits, PathFault, RelPath, RunSpec};
pub use tree::children_of;
pub use wire::{AttackResult, Stage};
pub use workspace::Workspace;
