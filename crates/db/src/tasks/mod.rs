//! Tasks: created with everything that they owe, cancelled by row, deleted when ended.

mod cancel;
mod create;
mod delete;
mod plan_state;
mod row;

pub use cancel::{Cancel, cancel};
pub use create::{Created, NewPlan, NewStep, NewTask, create};
pub use delete::delete;
pub use plan_state::PlanState;
pub use row::TaskRow;
