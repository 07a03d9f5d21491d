//! What servers do that no page describes, and what genai would have made of it.

mod anthropic;
mod google;
mod ollama;
mod openai;
mod transport;
