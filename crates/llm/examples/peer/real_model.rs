//! Real tokens, from llama.cpp's server: what is streamed, counted, cut and stopped.

use std::time::{Duration, Instant};

use ninja_llm::{Provider, Registry, Stop, Target};
use ninja_types::ProviderKind;
use serde_json::{Value, json};

use crate::ask::{Heard, request, target, told};

const QUESTION: &str = "What is the capital of France? Answer in one sentence.";
/// How long the server may go on after the client has left.
const LIMIT: Duration = Duration::from_secs(2);

/// Through OpenAI's format and through Anthropic's. Gives the number of failures.
pub(crate) async fn check(root: &str) -> u32 {
    let root = root.trim_end_matches('/');
    let http = ninja_egress::provider_client().expect("a client");
    let registry = Registry::new(&http);
    let mut failed = 0;
    for kind in [ProviderKind::Compatible, ProviderKind::Anthropic] {
        println!("-- format {kind}");
        let provider = registry.provider(kind);
        let target = target(kind, root, "smollm2");
        answers(&http, root, provider, &target, &mut failed).await;
        truncates(provider, &target, &mut failed).await;
        stops(&http, root, provider, &target, &mut failed).await;
    }
    failed
}

async fn answers(
    http: &reqwest::Client,
    root: &str,
    provider: &dyn Provider,
    target: &Target,
    failed: &mut u32,
) {
    let heard = Heard::default();
    let answer = match provider.chat(target, &request(QUESTION, 48), &heard).await {
        Ok(answer) => answer,
        Err(error) => return told(failed, "an answer", false, &error.to_string()),
    };
    told(failed, "an answer", !answer.text.is_empty(), &format!("{:?}", answer.text));
    let same = heard.text() == answer.text;
    told(
        failed,
        "the streamed text is the final text",
        same,
        &format!("{} bytes", answer.text.len()),
    );
    let tokens = answer.tokens.unwrap_or_default();
    let body = json!({"content": answer.text, "add_special": false});
    let counted = ask(http, &format!("{root}/tokenize"), &body).await;
    let counted = counted["tokens"].as_array().map_or(0, Vec::len);
    // A complete answer ends with a token that has no text.
    let silent = usize::from(answer.stop == Stop::Completed);
    let holds = tokens.output == u64::try_from(counted + silent).unwrap_or(u64::MAX);
    let seen = format!("{} reported, {counted} in the text, {silent} at its end", tokens.output);
    told(failed, "tokens written are the server's count", holds, &seen);
    let messages = json!([{"role": "system", "content": "You answer in plain words."},
        {"role": "user", "content": QUESTION}]);
    let body = json!({"model": "smollm2", "max_tokens": 1, "messages": messages});
    let whole = ask(http, &format!("{root}/v1/chat/completions"), &body).await;
    let read = whole["usage"]["prompt_tokens"].as_u64();
    let seen = format!("{} reported, {read:?} by the server without a stream", tokens.input);
    told(failed, "tokens read are the server's count", read == Some(tokens.input), &seen);
}

async fn truncates(provider: &dyn Provider, target: &Target, failed: &mut u32) {
    let request = request("Count from one to a hundred.", 8);
    match provider.chat(target, &request, &Heard::default()).await {
        Ok(answer) => {
            let written = answer.tokens.unwrap_or_default().output;
            let holds = answer.stop == Stop::MaxTokens && written == 8;
            told(failed, "a truncation is seen", holds, &format!("{:?} at {written}", answer.stop));
        }
        Err(error) => told(failed, "a truncation is seen", false, &error.to_string()),
    }
}

async fn stops(
    http: &reqwest::Client,
    root: &str,
    provider: &dyn Provider,
    target: &Target,
    failed: &mut u32,
) {
    let heard = Heard::default();
    let request = request("Write a long story about a river.", 2_000);
    tokio::select! {
        ended = provider.chat(target, &request, &heard) => {
            let seen = format!("it ended by itself: {:?}", ended.map(|answer| answer.stop));
            return told(failed, "a call that is dropped ends at the server", false, &seen);
        }
        () = heard.began.notified() => {}
    }
    let dropped = Instant::now();
    let was_busy = busy(http, root).await;
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    while busy(http, root).await && dropped.elapsed() < 5 * LIMIT {
        pause.tick().await;
    }
    let took = dropped.elapsed();
    let seen = format!("after {} ms (at work when it was dropped: {was_busy})", took.as_millis());
    told(failed, "a call that is dropped ends at the server", took < LIMIT, &seen);
}

/// Whether any slot of the server is at work.
async fn busy(http: &reqwest::Client, root: &str) -> bool {
    let slots = http.get(format!("{root}/slots")).send().await.expect("the server lives");
    let slots: Vec<Value> = slots.json().await.expect("a list of slots");
    slots.iter().any(|slot| slot["is_processing"] == true)
}

async fn ask(http: &reqwest::Client, url: &str, body: &Value) -> Value {
    let answer = http.post(url).json(body).send().await.expect("the server lives");
    answer.json().await.expect("a JSON answer")
}
