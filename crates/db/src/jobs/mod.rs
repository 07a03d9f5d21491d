//! Jobs: work owed. Claim, start, give back, retry; the finish stands in `steps`. Work that is no step's stands in
//! `errand.rs`.

mod claim;
mod depth;
mod errand;
mod fallback;
mod give_back;
mod hold;
mod insert;
mod retry;
mod stray;

pub(crate) use claim::run as claimed;
pub use claim::{Claim, ClaimAs, claim, start};
pub use depth::{Depth, depth};
pub use errand::{Errand, give_back_errand, take_over_errand};
pub(crate) use errand::{claim as claim_errand, end as end_errand};
pub use fallback::ready;
pub use give_back::{GiveBack, give_back, rest};
pub(crate) use give_back::{give_back_locked, hold_leased};
pub(crate) use hold::{hold_all, let_go};
pub(crate) use insert::{NewJob, insert};
pub use retry::retry;
pub use stray::give_back_stray;
