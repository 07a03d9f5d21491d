//! What a running agent may call: the [`Tool`] trait, one file per tool, and the list of them.
//!
//! A tool knows nothing of tasks, journals and leases: the agent's context records the call around it. No program is
//! started anywhere but behind `run_code`, the vetted door to the sandbox. Read `tool.rs` first.

mod given;
mod live;
mod outcome;
mod registry;
mod run_code;
mod tool;

pub use given::{Content, GivenFile};
pub use outcome::{MadeFile, RunResult, RunStatus, SkippedFile};
pub use registry::{Listed, all};
pub use run_code::{RunCode, RunCodeArgs, language, languages};
pub use tool::{Bench, Live, Tool, ToolContext, ToolError, ToolSpec};
