//! Tasks: created with everything that they owe, looked at, cancelled by row, deleted when ended.

mod cancel;
mod create;
mod delete;
mod find;
mod inputs;
mod list;
mod plan_state;
mod row;
mod stats;
mod steps;

pub use cancel::{Cancel, cancel};
pub use create::{Created, NewPlan, NewStep, NewTask, create};
pub use delete::delete;
pub use find::find;
pub use list::{Filter, Place, list};
pub use plan_state::PlanState;
pub use row::TaskRow;
pub use stats::{Summary, summary};
pub use steps::{CallEntry, StepEntry, StepRow, calls, steps, usage_by_model};
