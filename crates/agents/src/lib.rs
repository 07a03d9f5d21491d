//! Agents and what they can do: the catalogue that turns a task into steps, and the run of one step.
//!
//! No SQL, no Redis, no programs: what a step does to the world goes through a tool of `ninja-tools`, and what must
//! outlive its worker goes through the [`Recorder`]. Read `capability.rs` first, then `coder/code_execution.rs` as an
//! example, then `planner.rs` and `run.rs`.

mod analyst;
mod ask;
mod canonical;
mod capability;
mod card;
mod coder;
mod context;
mod contract;
mod converse;
mod data;
mod error;
mod grounding;
mod noop;
mod parameters;
mod plan;
mod planner;
mod recorder;
mod references;
mod registry;
mod run;
mod schema;
mod templates;
mod work;
mod writer;

pub use capability::Need;
pub use card::{AgentCard, CapabilityCard};
pub use contract::CheckResult;
pub use error::StepError;
pub use plan::{Plan, PlanArtifact, PlanErrors, PlanFile, PlanLanguage, PlanStep};
pub use planner::{Catalogue, TaskSpec};
pub use recorder::{
    AskedModel, CallAnswer, NewCall, RecordError, Recorder, RequestHash, UserMessage,
};
pub use run::run;
pub use schema::Fault;
pub use templates::Template;
pub use work::{InputArtifact, InputFile, NewArtifact, StepDone, StepInputs, StepWork};
