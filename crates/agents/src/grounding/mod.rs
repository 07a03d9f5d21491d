//! Numbers in text: nobody types one. A text names where a number stands, as `{{n:<step>:<pointer>|<format>}}`, and
//! the number is looked up and written when the text is shown. So what a report says is what a step computed.
//!
//! `reference.rs` reads and writes such names, `results.rs` looks them up, `format.rs` writes what is found, and
//! `hold.rs` judges a text: a digit that is no reference, and a reference that leads nowhere, are unsupported.

mod format;
mod hold;
mod reference;
mod results;

pub(crate) use format::Format;
pub(crate) use hold::{Grounding, digits_in};
pub(crate) use reference::{Piece, Reference, pieces};
pub(crate) use results::{At, Found, Results};
