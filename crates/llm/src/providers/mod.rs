//! One file per wire format: where a request goes, which headers it has, what the format names otherwise.
//!
//! Five formats are written and read by genai, in `genai_wire`; Ollama's is our own, because genai cannot say there what
//! must be said (ADR 0020). Both turn what they read into a [`Draft`](finish::Draft), and `finish.rs` decides whether that is
//! an answer. `fault.rs` turns everything else into a [`ProviderError`](crate::ProviderError), by the tables of `codes.rs`.
//!
//! Nothing here repeats, waits or falls back: that is done in one place of the room.

pub(crate) mod anthropic;
mod codes;
pub(crate) mod compatible;
pub(crate) mod deepseek;
mod fault;
mod finish;
pub(crate) mod genai_wire;
pub(crate) mod google;
mod list;
pub(crate) mod ollama;
pub(crate) mod openai;
mod redact;
mod retry_after;
mod usage;
