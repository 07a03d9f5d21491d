use std::time::Duration;

use ninja_llm::{Stop, Tokens};
use ninja_types::{ModelErrorClass, ProviderKind};
use serde_json::{Value, json};

use crate::asked::{ask, question, target, with_schema, with_tools};
use crate::raw::{Raw, Then};

const KIND: ProviderKind = ProviderKind::Compatible;

/// Chunks, each with `delta` as its only choice.
fn chunks(deltas: &[Value], finish: &str) -> String {
    let chunk = |delta: &Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        format!(
            "data: {}\n\n",
            json!({"id": "chatcmpl-7", "model": "llama-max-0711", "choices": [choice]})
        )
    };
    let mut body: String = deltas.iter().map(|delta| chunk(delta, None)).collect();
    body.push_str(&chunk(&json!({}), Some(finish)));
    body
}

const DONE: &str = "data: [DONE]\n\n";

fn usage(usage: &Value) -> String {
    format!("data: {}\n\n", json!({"choices": [], "usage": usage}))
}

async fn answers(body: &str) -> Result<ninja_llm::Completion, ninja_llm::ProviderError> {
    let server = Raw::events(body, Then::Close).await;
    ask(KIND, &target(KIND, &server.base_url), &with_tools()).await
}

#[tokio::test]
async fn a_models_name_is_passed_as_it_is() {
    for name in ["qwen-max", "o3-mini-high", "ns::model", "meta-llama/llama-3:free", "x-none"] {
        let body = chunks(&[json!({"content": "two"})], "stop") + DONE;
        let server = Raw::events(&body, Then::Close).await;
        let target = ninja_llm::Target { model: name.to_owned(), ..target(KIND, &server.base_url) };
        ask(KIND, &target, &question()).await.unwrap();
        let (head, body) = server.request();
        assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1"), "{head}");
        assert!(head.to_lowercase().contains("x-client-request-id: step-1.2.3"), "{head}");
        assert_eq!(body["model"], name);
        assert_eq!(body.get("reasoning_effort"), None, "{name}");
        let limit = body.get("max_tokens").or(body.get("max_completion_tokens"));
        assert_eq!(limit, Some(&json!(512)), "{name}");
        assert_eq!(body["stream_options"]["include_usage"], true);
    }
}

#[tokio::test]
async fn a_server_without_a_key_is_sent_none() {
    let server =
        Raw::events(&(chunks(&[json!({"content": "two"})], "stop") + DONE), Then::Close).await;
    let target = ninja_llm::Target { key: None, ..target(KIND, &server.base_url) };
    let answer = ask(KIND, &target, &question()).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.stop), ("two", Stop::Completed));
    assert_eq!(answer.response_id.as_deref(), Some("chatcmpl-7"));
    assert_eq!(answer.response_model.as_deref(), Some("llama-max-0711"));
    assert!(!server.request().0.to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn calls_are_put_together_however_they_are_counted() {
    let piece = |index: Option<u64>, id: Option<&str>, name: Option<&str>, arguments: &str| {
        let mut call = json!({"function": {"arguments": arguments}});
        if let Some(index) = index {
            call["index"] = index.into();
        }
        if let Some(id) = id {
            call["id"] = id.into();
        }
        if let Some(name) = name {
            call["function"]["name"] = name.into();
        }
        json!({"tool_calls": [call]})
    };
    let from = |first: u64| {
        [
            piece(Some(first), Some("a"), Some("read_file"), ""),
            piece(Some(first), None, None, "{\"path\":"),
            piece(Some(first + 1), Some("b"), Some("web_search"), "{\"path\":\"y\"}"),
            piece(Some(first), None, None, "\"x\"}"),
        ]
    };
    let uncounted = [
        piece(None, Some("a"), Some("read_file"), "{\"path\":\"x\"}"),
        piece(None, Some("b"), Some("web_search"), "{\"path\":"),
        piece(None, None, None, "\"y\"}"),
    ];
    for deltas in [&from(0)[..], &from(1)[..], &uncounted[..]] {
        let answer = answers(&(chunks(deltas, "tool_calls") + DONE)).await.unwrap();
        let calls: Vec<_> = answer
            .tool_calls
            .iter()
            .map(|call| {
                (call.id.as_str(), call.name.as_str(), call.arguments["path"].as_str().unwrap())
            })
            .collect();
        assert_eq!(calls, [("a", "read_file", "x"), ("b", "web_search", "y")]);
        assert_eq!(answer.stop, Stop::ToolCalls);
    }
}

#[tokio::test]
async fn a_call_that_is_none_is_malformed() {
    let call = |name: &str, arguments: &str| json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": name, "arguments": arguments}}]});
    for (delta, finish) in [
        (call("read_file", "{\"path\": "), "tool_calls"),
        (call("read_file", "[1]"), "tool_calls"),
        (call("", "{}"), "tool_calls"),
        (call("read_file", "{}"), "length"),
        (json!({"content": "I call nothing."}), "tool_calls"),
        (json!({}), "stop"),
    ] {
        let error =
            answers(&(chunks(std::slice::from_ref(&delta), finish) + DONE)).await.unwrap_err();
        assert_eq!(error.class, ModelErrorClass::Malformed, "{delta} {finish}");
    }
    let empty = answers(&(chunks(&[call("read_file", "")], "tool_calls") + DONE)).await.unwrap();
    assert_eq!(
        empty.tool_calls[0].arguments,
        json!({}),
        "a tool without parameters may be called with nothing"
    );
}

#[tokio::test]
async fn a_refusal_is_one_whatever_the_stop_says() {
    for (delta, finish) in [
        (json!({"refusal": "I will not."}), "stop"),
        (json!({"content": "half an ans"}), "content_filter"),
    ] {
        let answer = answers(&(chunks(&[delta], finish) + DONE)).await.unwrap();
        assert_eq!(answer.stop, Stop::ContentFilter);
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_is_broken() {
    let whole = chunks(&[json!({"content": "two wrens"})], "stop") + DONE;
    let text_seen = whole.find("\n\n").unwrap() + 2;
    for cut in [1, 20, text_seen - 1, text_seen, text_seen + 40, whole.len() - 9, whole.len() - 4] {
        let error = answers(&whole[..cut]).await.unwrap_err();
        assert_eq!(error.class, ModelErrorClass::Broken, "cut at {cut}: {error}");
        assert_eq!(error.seen.bytes, if cut < text_seen - 1 { 0 } else { 9 }, "cut at {cut}");
    }
}

#[tokio::test]
async fn usage_that_cannot_be_believed_is_none() {
    let told =
        |report: Value| chunks(&[json!({"content": "two"})], "stop") + &usage(&report) + DONE;
    let good = json!({"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12});
    let tokens = Tokens { input: 9, output: 3, ..Tokens::default() };
    assert_eq!(answers(&told(good)).await.unwrap().tokens, Some(tokens));
    for report in [
        json!(null),
        json!({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
        json!({"prompt_tokens": 9, "completion_tokens": -3}),
        json!({"prompt_tokens": 9}),
        json!({"prompt_tokens": 9, "completion_tokens": 1e15}),
    ] {
        assert_eq!(answers(&told(report.clone())).await.unwrap().tokens, None, "{report}");
    }
}

#[tokio::test]
async fn a_fault_in_the_stream_is_told_with_what_was_seen() {
    let body = format!(
        "data: {}\n\n{}data: {}\n\n",
        json!({"choices": [{"index": 0, "delta": {"content": "two"}}]}),
        usage(&json!({"prompt_tokens": 9, "completion_tokens": 1})),
        json!({"error": {"message": "Rate limit reached", "type": "tokens", "code": "rate_limit_exceeded"}}),
    );
    let error = answers(&body).await.unwrap_err();
    assert_eq!(error.class, ModelErrorClass::Rate);
    assert_eq!(
        (error.code.as_deref(), error.message.as_str()),
        (Some("rate_limit_exceeded"), "Rate limit reached")
    );
    assert_eq!((error.seen.bytes, error.seen.tokens.map(|tokens| tokens.input)), (3, Some(9)));
    assert!(error.seen.began());
}

#[tokio::test]
async fn a_schema_is_sent_or_stands_in_the_prompt() {
    let body = chunks(&[json!({"content": "{\"count\": 2}"})], "stop") + DONE;
    for json_schema in [true, false] {
        let server = Raw::events(&body, Then::Close).await;
        let target = ninja_llm::Target { json_schema, ..target(KIND, &server.base_url) };
        ask(KIND, &target, &with_schema()).await.unwrap();
        let (_, asked) = server.request();
        let prompt = asked["messages"][0]["content"].as_str().unwrap();
        if json_schema {
            assert_eq!(asked["response_format"]["json_schema"]["strict"], true);
            assert_eq!(prompt, "Answer briefly.");
        } else {
            assert_eq!(asked["response_format"], json!({"type": "json_object"}));
            assert!(prompt.contains("\"count\""), "{prompt}");
        }
    }
}

#[tokio::test]
async fn heartbeats_keep_a_stream_alive_and_silence_ends_it() {
    let server = Raw::events(": thinking\n\n", Then::Silence).await;
    let mut target = target(KIND, &server.base_url);
    target.patience.idle = Duration::from_millis(200);
    let error = ask(KIND, &target, &question()).await.unwrap_err();
    assert_eq!(error.class, ModelErrorClass::TimeoutIdle, "a heartbeat is an answer's first byte");
    assert!(!error.seen.began());
}

#[tokio::test]
async fn what_is_no_stream_is_broken() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
    let server = Raw::start(head, "<html>Please log in</html>", Then::Close).await;
    let error = ask(KIND, &target(KIND, &server.base_url), &question()).await.unwrap_err();
    assert_eq!(error.class, ModelErrorClass::Broken);
    let garbage = "data: <html>\n\ndata: no JSON\n\ndata: [DONE]\n\n";
    assert_eq!(answers(garbage).await.unwrap_err().class, ModelErrorClass::Malformed);
}
