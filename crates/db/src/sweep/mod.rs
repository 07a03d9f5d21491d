//! What the leader of the sweepers does every two seconds: it finds work that nobody does any more, and says so in rows.

mod lead;
mod lost;
mod overdue_waits;
mod prune;
mod repush;
mod stale_tasks;

pub use lead::{is_quiet_time, lead, yield_after};
pub(crate) use lost::lease_of;
pub use lost::{Expired, expired, mark_lost, take_over};
pub use overdue_waits::end_waits;
pub use prune::prune;
pub use repush::{Stale, confirm_repush, stale_released};
pub use stale_tasks::{end_cancelling, mark_stalled};
