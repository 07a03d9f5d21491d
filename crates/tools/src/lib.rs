//! What a running agent may call: the [`Tool`] trait, one file per tool, and the list of them.
//!
//! A tool knows nothing of tasks, journals and leases: the agent's context records the call around it. No program is
//! started anywhere but behind `run_code` (programs of others) and `run_program` (our own, over files of others), the
//! two doors to the sandbox. Read `tool.rs` first.

mod desk;
mod given;
mod launch;
mod live;
mod outcome;
mod packages;
mod registry;
mod run_code;
mod run_program;
mod save_artifact;
mod stored;
mod tool;

pub use given::{Content, GivenFile};
pub use outcome::{MadeFile, RunResult, RunStatus, SkippedFile};
pub use packages::{PACKAGES, Package, packages};
pub use registry::{Listed, all};
pub use run_code::{RunCode, RunCodeArgs, language, languages};
pub use run_program::{ProgramResult, RunProgram, RunProgramArgs, Source};
pub use save_artifact::{SaveArtifact, SaveArtifactArgs};
pub use stored::{read_stored, store_bytes};
pub use tool::{Bench, Live, Tool, ToolContext, ToolError, ToolSpec};
