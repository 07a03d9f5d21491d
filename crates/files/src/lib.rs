//! The bytes of uploads and artifacts: where they lie, what they are, and whether they may be taken.
//!
//! What does not live here: rows about files (`db`), who may see them (`api`), folders of running programs
//! (`tools`). Read `store.rs` first, then `detect.rs`: a file comes in, is looked at, and is kept or gone.

mod archive;
mod bucket;
mod collect;
mod detect;
mod error;
mod filename;
mod kinds;
mod pack;
mod preview;
mod sha256;
mod staging;
mod store;
mod text;

pub use error::{FilesError, Refusal, Source};
pub use filename::FileName;
pub use kinds::{FileKind, FileType};
pub use pack::Packed;
pub use preview::{ArchiveEntry, ColumnPreview, Preview, TablePreview};
pub use sha256::{NoSha256, Sha256};
pub use staging::{Staged, Staging};
pub use store::{Bytestream, Reading, Store, Stored};
