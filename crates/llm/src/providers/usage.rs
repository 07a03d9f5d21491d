//! Tokens as the formats report them, in one meaning: the input includes what was cached, the output what was reasoned.
//! What is missing, negative or absurd is no report: the call is estimated then, never free.

use serde_json::Value;

use crate::answer::Tokens;

/// More than any model can read or write. A report beyond it is wrong, and would spend a budget on one answer.
const ABSURD: u64 = 100_000_000;

fn count(usage: &Value, pointer: &str) -> Option<u64> {
    usage.pointer(pointer)?.as_u64().filter(|count| *count <= ABSURD)
}

/// OpenAI, DeepSeek and what is compatible.
pub(super) fn openai(usage: &Value) -> Option<Tokens> {
    let cached = count(usage, "/prompt_tokens_details/cached_tokens")
        .or_else(|| count(usage, "/prompt_cache_hit_tokens"));
    let reasoning = count(usage, "/completion_tokens_details/reasoning_tokens").unwrap_or(0);
    let output = count(usage, "/completion_tokens")?;
    Some(Tokens {
        input: count(usage, "/prompt_tokens")?,
        cache_read: cached.unwrap_or(0),
        cache_write_5m: count(usage, "/prompt_tokens_details/cache_write_tokens").unwrap_or(0),
        cache_write_1h: 0,
        // Some servers count the reasoning beside the answer instead of in it.
        output: if reasoning > output { output + reasoning } else { output },
        reasoning,
    })
}

/// Anthropic counts what it read from the cache and wrote to it beside the input.
pub(super) fn anthropic(usage: &Value) -> Option<Tokens> {
    let read = count(usage, "/cache_read_input_tokens").unwrap_or(0);
    let written = count(usage, "/cache_creation_input_tokens").unwrap_or(0);
    let hour = count(usage, "/cache_creation/ephemeral_1h_input_tokens").unwrap_or(0).min(written);
    Some(Tokens {
        input: count(usage, "/input_tokens")? + read + written,
        cache_read: read,
        cache_write_5m: written - hour,
        cache_write_1h: hour,
        output: count(usage, "/output_tokens")?,
        reasoning: count(usage, "/output_tokens_details/thinking_tokens").unwrap_or(0),
    })
}

/// Google counts thoughts beside the answer, and what its own tools read beside the prompt.
pub(super) fn google(usage: &Value) -> Option<Tokens> {
    let reasoning = count(usage, "/thoughtsTokenCount").unwrap_or(0);
    let answer = match count(usage, "/candidatesTokenCount") {
        Some(answer) => answer,
        None if reasoning > 0 && usage.get("candidatesTokenCount").is_none() => 0,
        None => return None,
    };
    Some(Tokens {
        input: count(usage, "/promptTokenCount")?
            + count(usage, "/toolUsePromptTokenCount").unwrap_or(0),
        cache_read: count(usage, "/cachedContentTokenCount").unwrap_or(0),
        output: answer + reasoning,
        reasoning,
        ..Tokens::default()
    })
}

/// Ollama, in the last line of an answer.
pub(super) fn ollama(last: &Value) -> Option<Tokens> {
    Some(Tokens {
        input: count(last, "/prompt_eval_count")?,
        output: count(last, "/eval_count")?,
        ..Tokens::default()
    })
}

/// The report, if it can be believed of an answer that has words in it.
pub(super) fn believed(tokens: Option<Tokens>) -> Option<Tokens> {
    tokens.filter(|tokens| {
        let cached = tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h;
        tokens.input > 0 && tokens.output > 0 && cached <= tokens.input
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tokens(input: u64, cached: [u64; 3], output: u64, reasoning: u64) -> Tokens {
        let [cache_read, five_minutes, hour] = cached;
        Tokens {
            input,
            cache_read,
            cache_write_5m: five_minutes,
            cache_write_1h: hour,
            output,
            reasoning,
        }
    }

    #[test]
    fn every_format_is_counted_in_the_same_meaning() {
        let usage = json!({"prompt_tokens": 100, "completion_tokens": 30,
            "prompt_tokens_details": {"cached_tokens": 40}, "completion_tokens_details": {"reasoning_tokens": 10}});
        assert_eq!(openai(&usage), Some(tokens(100, [40, 0, 0], 30, 10)));
        let usage =
            json!({"prompt_tokens": 100, "completion_tokens": 30, "prompt_cache_hit_tokens": 64});
        assert_eq!(openai(&usage), Some(tokens(100, [64, 0, 0], 30, 0)));
        let usage = json!({"input_tokens": 10, "output_tokens": 30, "cache_read_input_tokens": 50,
            "cache_creation_input_tokens": 40, "cache_creation": {"ephemeral_5m_input_tokens": 25, "ephemeral_1h_input_tokens": 15}});
        assert_eq!(anthropic(&usage), Some(tokens(100, [50, 25, 15], 30, 0)));
        let usage = json!({"promptTokenCount": 90, "toolUsePromptTokenCount": 10, "cachedContentTokenCount": 40,
            "candidatesTokenCount": 20, "thoughtsTokenCount": 10});
        assert_eq!(google(&usage), Some(tokens(100, [40, 0, 0], 30, 10)));
        assert_eq!(
            ollama(&json!({"prompt_eval_count": 100, "eval_count": 30})),
            Some(tokens(100, [0; 3], 30, 0))
        );
    }

    #[test]
    fn reasoning_that_is_counted_beside_the_answer_is_added() {
        let usage = json!({"prompt_tokens": 9, "completion_tokens": 35, "completion_tokens_details": {"reasoning_tokens": 192}});
        assert_eq!(openai(&usage), Some(tokens(9, [0; 3], 227, 192)));
    }

    #[test]
    fn what_cannot_be_believed_is_no_report() {
        for usage in [
            json!({}),
            json!({"prompt_tokens": 100}),
            json!({"prompt_tokens": -1, "completion_tokens": 30}),
            json!({"prompt_tokens": 100, "completion_tokens": -30}),
            json!({"prompt_tokens": 100, "completion_tokens": 0}),
            json!({"prompt_tokens": 0, "completion_tokens": 30}),
            json!({"prompt_tokens": "100", "completion_tokens": 30}),
            json!({"prompt_tokens": 100, "completion_tokens": 9_000_000_000_u64}),
            json!({"prompt_tokens": 100, "completion_tokens": 30, "prompt_tokens_details": {"cached_tokens": 101}}),
        ] {
            assert_eq!(believed(openai(&usage)), None, "{usage}");
        }
        assert_eq!(
            google(
                &json!({"promptTokenCount": 9, "candidatesTokenCount": -1, "thoughtsTokenCount": 5})
            ),
            None
        );
    }
}
