//! What is measured: one span and one count per attempt, under the names that OpenTelemetry has for models. Never what
//! was said.

use std::time::Duration;

use ninja_types::ProviderKind;
use tracing::Span;
use tracing::field::Empty;

use crate::answer::{Attempt, Stop, Tokens};
use crate::attempt::Tried;
use crate::chat::ChatRequest;
use crate::route::Candidate;

/// The span of an attempt; what is known at its end is filled in by [`attempt`].
pub(crate) fn span(candidate: &Candidate<'_>, request: &ChatRequest) -> Span {
    tracing::info_span!(
        "chat",
        otel.name = format!("chat {}", candidate.model),
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = vendor(candidate.provider.kind),
        gen_ai.request.model = candidate.model,
        gen_ai.request.max_tokens = request.max_output_tokens,
        gen_ai.request.stream = true,
        gen_ai.response.model = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.response.time_to_first_chunk = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        gen_ai.usage.cache_creation.input_tokens = Empty,
        "error.type" = Empty,
    )
}

/// Tells how an attempt ended.
pub(crate) fn attempt(
    span: &Span,
    candidate: &Candidate<'_>,
    attempt: &Attempt,
    tried: &Tried,
    first: Option<Duration>,
) {
    let (provider, model) = (candidate.provider.name.clone(), candidate.model.clone());
    let class = match tried {
        Tried::Answered(completion) => {
            span.record("gen_ai.response.model", completion.response_model.as_deref());
            span.record("gen_ai.response.id", completion.response_id.as_deref());
            span.record("gen_ai.response.finish_reasons", reason(&completion.stop));
            "answered"
        }
        Tried::Failed(error) => error.class.as_str(),
        Tried::Late(_) => "deadline",
        Tried::Stopped(_) => "stopped",
    };
    if !matches!(tried, Tried::Answered(_)) {
        span.record("error.type", class);
    }
    if let Some(first) = first {
        span.record("gen_ai.response.time_to_first_chunk", first.as_secs_f64());
        metrics::histogram!("ninja_model_first_token_seconds", "provider" => provider.clone(), "model" => model.clone())
            .record(first.as_secs_f64());
    }
    let tokens = attempt.charge.tokens;
    for (field, count) in [
        ("gen_ai.usage.input_tokens", tokens.input),
        ("gen_ai.usage.output_tokens", tokens.output),
        ("gen_ai.usage.cache_read.input_tokens", tokens.cache_read),
        ("gen_ai.usage.cache_creation.input_tokens", tokens.cache_write_5m + tokens.cache_write_1h),
    ] {
        span.record(field, count);
    }
    count(&provider, &model, tokens);
    // Dollars are no whole numbers, which is all that a counter counts.
    let cost = u32::try_from(attempt.charge.cost.micros()).map_or(f64::from(u32::MAX), f64::from);
    metrics::gauge!("ninja_model_cost_dollars_total", "provider" => provider.clone(), "model" => model.clone())
        .increment(cost / 1_000_000.0);
    metrics::counter!("ninja_model_calls_total", "provider" => provider, "model" => model, "class" => class)
        .increment(1);
}

/// Time that this room took for a call: neither the provider's nor the budget's.
pub(crate) fn overhead(own: Duration) {
    metrics::histogram!("ninja_model_overhead_seconds").record(own.as_secs_f64());
}

fn count(provider: &str, model: &str, tokens: Tokens) {
    let kinds = [
        ("input", tokens.input),
        ("output", tokens.output),
        ("cache_read", tokens.cache_read),
        ("cache_write", tokens.cache_write_5m + tokens.cache_write_1h),
        ("reasoning", tokens.reasoning),
    ];
    for (kind, tokens) in kinds {
        if tokens > 0 {
            let (provider, model) = (provider.to_owned(), model.to_owned());
            metrics::counter!("ninja_model_tokens_total", "provider" => provider, "model" => model, "kind" => kind)
                .increment(tokens);
        }
    }
}

/// The names that the conventions have for vendors.
const fn vendor(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::OpenAi => "openai",
        ProviderKind::Anthropic => "anthropic",
        ProviderKind::Google => "gcp.gemini",
        ProviderKind::DeepSeek => "deepseek",
        ProviderKind::Ollama => "ollama",
        ProviderKind::Compatible => "openai_compatible",
    }
}

fn reason(stop: &Stop) -> &str {
    match stop {
        Stop::Completed => "stop",
        Stop::MaxTokens => "length",
        Stop::ToolCalls => "tool_calls",
        Stop::ContentFilter => "content_filter",
        Stop::StopSequence => "stop_sequence",
        Stop::Other(word) => word,
    }
}
