//! Providers of models: rows that admins write, and rows that workers say of what they were given or found.
//!
//! A key goes in sealed and comes out only for those who have an [`Opener`](crate::sealed::Opener). Every change is an
//! audit row of the same transaction. Read `change.rs` first.

mod change;
mod order;
mod row;
mod said;
mod test;
mod vendors;

pub use change::{Changed, NewProvider, ProviderChange, change, create, delete};
pub use order::{Preferences, PreferencesChange, preferences};
pub(crate) use row::key_place;
pub use row::{ProviderRow, find, list};
pub use said::{Said, say};
pub use test::{ask_test, store_test};
pub use vendors::{Vendor, VendorsChange, change_vendors};
