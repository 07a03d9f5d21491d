//! Tasks: created with everything that they owe, looked at, cancelled by row, deleted when ended. Paused, resumed, told
//! something, given a larger budget, and done again where they left off.

mod budget;
mod cancel;
mod changed;
mod copy;
mod create;
mod delete;
mod find;
mod inputs;
mod list;
mod messages;
mod pause;
mod plan_state;
mod resume;
mod retry;
mod row;
mod stats;
mod steps;

pub use budget::{Raise, Raised, raise_budget};
pub use cancel::{Cancel, cancel};
pub use changed::{Changed, Steered};
pub use create::{Created, NewPlan, NewStep, NewTask, create};
pub use delete::delete;
pub use find::find;
pub use list::{Filter, Place, list};
pub use messages::{MessageRow, NewMessage, Posted, messages, post_message};
pub use pause::pause;
pub use plan_state::PlanState;
pub use resume::resume;
pub use retry::{NewRetry, Retried, retry};
pub use row::TaskRow;
pub use stats::{Summary, summary};
pub use steps::{CallEntry, StepEntry, StepRow, calls, steps, usage_by_model};
