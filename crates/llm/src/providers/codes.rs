//! What vendors call their faults. A row that fits decides; else the HTTP status does, and without one it is the server's
//! fault. So the vendors' words for "our fault" have no row: under 503 they mean something else than under 500.

use ninja_types::ModelErrorClass::{
    self, Auth, BadRequest, Billing, Broken, ContentFilter, ContextLength, NotFound, Overloaded,
    Rate, Server,
};

use Sign::{Code, Says};

/// One name of a fault.
#[derive(Debug)]
pub(super) struct Row(pub(super) Sign, pub(super) ModelErrorClass);

/// How a fault is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The vendor's code or type of it is exactly this.
    Code(&'static str),
    /// Its message holds this, in any case: the vendor has no code for it.
    Says(&'static str),
}

/// The rows of a format, most specific first.
pub(super) type Table = &'static [Row];

pub(super) const OPENAI: Table = &[
    Row(Code("insufficient_quota"), Billing),
    Row(Code("billing_hard_limit_reached"), Billing),
    Row(Code("billing_not_active"), Billing),
    Row(Code("context_length_exceeded"), ContextLength),
    Row(Code("string_above_max_length"), ContextLength),
    Row(Code("content_filter"), ContentFilter),
    Row(Code("content_policy_violation"), ContentFilter),
    Row(Code("invalid_api_key"), Auth),
    Row(Code("account_deactivated"), Auth),
    Row(Code("model_not_found"), NotFound),
    Row(Code("rate_limit_exceeded"), Rate),
    Row(Code("engine_overloaded"), Overloaded),
    Row(Code("slow_down"), Overloaded),
];

pub(super) const ANTHROPIC: Table = &[
    // These come as `invalid_request_error`, which says nothing.
    Row(Says("prompt is too long"), ContextLength),
    Row(Says("exceed context limit"), ContextLength),
    Row(Says("credit balance is too low"), Billing),
    Row(Says("blocked by content filtering policy"), ContentFilter),
    Row(Code("overloaded_error"), Overloaded),
    Row(Code("rate_limit_error"), Rate),
    Row(Code("authentication_error"), Auth),
    Row(Code("permission_error"), Auth),
    Row(Code("billing_error"), Billing),
    Row(Code("not_found_error"), NotFound),
    Row(Code("request_too_large"), ContextLength),
];

pub(super) const GOOGLE: Table = &[
    // A wrong key comes as `INVALID_ARGUMENT` under 400.
    Row(Code("API_KEY_INVALID"), Auth),
    Row(Code("BILLING_DISABLED"), Billing),
    Row(Says("enable billing"), Billing),
    Row(Says("exceeds the maximum number of tokens"), ContextLength),
    Row(Code("UNAUTHENTICATED"), Auth),
    Row(Code("PERMISSION_DENIED"), Auth),
    Row(Code("NOT_FOUND"), NotFound),
    Row(Code("RESOURCE_EXHAUSTED"), Rate),
    Row(Code("UNAVAILABLE"), Overloaded),
];

pub(super) const DEEPSEEK: Table = &[
    Row(Says("insufficient balance"), Billing),
    Row(Says("maximum context length"), ContextLength),
    Row(Says("content exists risk"), ContentFilter),
    Row(Says("model not exist"), NotFound),
    Row(Code("authentication_error"), Auth),
];

/// llama.cpp, vLLM, LiteLLM, OpenRouter: asked before the rows of OpenAI.
pub(super) const COMPATIBLE: Table = &[
    Row(Code("exceed_context_size_error"), ContextLength),
    Row(Says("exceeds the available context size"), ContextLength),
    Row(Says("maximum context length"), ContextLength),
    Row(Code("ContextWindowExceededError"), ContextLength),
    Row(Code("BudgetExceededError"), Billing),
    Row(Code("authentication_error"), Auth),
    Row(Code("unavailable_error"), Overloaded),
    Row(Code("not_found_error"), NotFound),
];

pub(super) const OLLAMA: Table = &[
    Row(Says("try pulling it first"), NotFound),
    Row(Says("exceeds maximum context length"), ContextLength),
    Row(Says("exceeds the available context size"), ContextLength),
    Row(Says("maximum pending requests exceeded"), Overloaded),
];

/// The class of a fault with these codes and this message, where a row fits.
pub(super) fn named(tables: &[Table], codes: &[String], message: &str) -> Option<ModelErrorClass> {
    let message = message.to_lowercase();
    let fits = |row: &&Row| match row.0 {
        Code(code) => codes.iter().any(|found| found == code),
        Says(words) => message.contains(words),
    };
    tables.iter().flat_map(|table| table.iter()).find(fits).map(|row| row.1)
}

/// The class of a status that no row explains.
pub(super) fn of_status(status: u16) -> ModelErrorClass {
    match status {
        401 | 403 => Auth,
        402 => Billing,
        404 => NotFound,
        408 | 425 => Server,
        413 => ContextLength,
        429 => Rate,
        503 | 529 => Overloaded,
        400..500 => BadRequest,
        500..600 => Server,
        // A redirect leads away from where the key belongs; anything else is no answer at all.
        _ => Broken,
    }
}

#[cfg(test)]
mod tests;
