//! Jobs: work owed. Claim, start, give back, retry; the finish stands in `steps`.

mod claim;
mod depth;
mod fallback;
mod give_back;
mod insert;
mod retry;
mod stray;

pub(crate) use claim::run as claimed;
pub use claim::{Claim, ClaimAs, claim, start};
pub use depth::{Depth, depth};
pub use fallback::ready;
pub use give_back::{GiveBack, give_back};
pub(crate) use insert::{NewJob, insert};
pub use retry::retry;
pub use stray::give_back_stray;
