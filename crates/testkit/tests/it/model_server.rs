//! The scripted model server itself: what it answers, refuses, breaks, and remembers.

use std::time::Duration;

use ninja_testkit::{
    ModelServer,
    model_server::{Fault, Reply, Rule},
};
use ninja_types::ProviderKind;
use serde_json::{Value, json};

/// A client that is nobody's library of models.
async fn post(server: &ModelServer, kind: ProviderKind, path: &str, body: &Value) -> (u16, String) {
    let answer = send(server, kind, path, body).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn send(
    server: &ModelServer,
    kind: ProviderKind,
    path: &str,
    body: &Value,
) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}{path}", server.url(kind))).json(body);
    let request = match kind {
        ProviderKind::Anthropic => {
            request.header("x-api-key", "sk-1").header("anthropic-version", "2023-06-01")
        }
        ProviderKind::Google => request.header("x-goog-api-key", "sk-1"),
        _ => request.bearer_auth("sk-1"),
    };
    let id = "0192e4a0-0000-7000-8000-000000000001.3.7";
    request.header("X-Client-Request-Id", id).send().await.unwrap()
}

/// The request that says `text`, in the format of a kind: path and body.
fn question(kind: ProviderKind, text: &str, stream: bool) -> (String, Value) {
    let messages = json!([{"role": "user", "content": text}]);
    match kind {
        ProviderKind::Google => {
            let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
            let body = json!({"contents": [{"role": "user", "parts": [{"text": text}]}]});
            (format!("models/m:{method}"), body)
        }
        ProviderKind::Anthropic => {
            let body =
                json!({"model": "m", "max_tokens": 64, "messages": messages, "stream": stream});
            ("messages".to_owned(), body)
        }
        ProviderKind::Ollama => {
            ("api/chat".to_owned(), json!({"model": "m", "messages": messages, "stream": stream}))
        }
        _ => {
            let mut body = json!({"model": "m", "messages": messages, "stream": stream});
            if stream {
                body["stream_options"] = json!({"include_usage": true});
            }
            ("chat/completions".to_owned(), body)
        }
    }
}

#[tokio::test]
async fn without_a_script_every_format_echoes_with_true_usage() {
    let server = ModelServer::start().await;
    let mut told = String::new();
    for kind in ProviderKind::ALL {
        let (path, body) = question(*kind, "hello there", false);
        let (status, answer) = post(&server, *kind, &path, &body).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(status, 200, "{answer}");
        let (text, read, written) = match kind {
            ProviderKind::Anthropic => {
                ("/content/0/text", "/usage/input_tokens", "/usage/output_tokens")
            }
            ProviderKind::Google => (
                "/candidates/0/content/parts/0/text",
                "/usageMetadata/promptTokenCount",
                "/usageMetadata/candidatesTokenCount",
            ),
            ProviderKind::Ollama => ("/message/content", "/prompt_eval_count", "/eval_count"),
            _ => ("/choices/0/message/content", "/usage/prompt_tokens", "/usage/completion_tokens"),
        };
        let seen = [text, read, written].map(|place| answer.pointer(place).unwrap().to_string());
        told.extend([kind.as_str(), ": ", &seen.join(" "), "\n"]);
    }
    insta::assert_snapshot!(told, @r#"
    openai: "echo: hello there" 3 5
    anthropic: "echo: hello there" 3 5
    google: "echo: hello there" 3 5
    deepseek: "echo: hello there" 3 5
    ollama: "echo: hello there" 3 5
    compatible: "echo: hello there" 3 5
    "#);
}

#[tokio::test]
async fn a_stream_has_the_pieces_of_its_answer() {
    let server = ModelServer::start().await;
    for kind in ProviderKind::ALL {
        server.reply(Reply::text("one two three"));
        let (path, body) = question(*kind, "hi", true);
        let (status, answer) = post(&server, *kind, &path, &body).await;
        assert_eq!(status, 200, "{answer}");
        for piece in ["\"one \"", "\"two \"", "\"three\""] {
            assert_eq!(answer.matches(piece).count(), 1, "{kind} {piece}: {answer}");
        }
        let entry = server.ledger().pop().unwrap();
        assert!(entry.streamed, "{kind}");
        assert_eq!(entry.pieces_sent, 3, "{kind}");
        assert_eq!(entry.bytes_sent, u64::try_from(answer.len()).unwrap(), "{kind}");
    }
}

#[tokio::test]
async fn a_torn_stream_is_the_same_stream() {
    let server = ModelServer::start().await;
    for kind in ProviderKind::ALL {
        let (path, body) = question(*kind, "hi", true);
        server.script([Rule::any(Reply::text("où est le café"))]);
        let whole = post(&server, *kind, &path, &body).await.1;
        server.script([Rule::any(Reply::text("où est le café").torn(7))]);
        let torn = post(&server, *kind, &path, &body).await.1;
        let (whole, torn) = (without_number(&whole), without_number(&torn));
        assert_eq!(whole, torn, "{kind}");
    }
}

/// The number of the answer differs from one to the next.
fn without_number(text: &str) -> String {
    let ids = ["chatcmpl-", "msg_", "response-"];
    ids.iter().fold(text.to_owned(), |text, id| {
        let mut pieces = text.split(id);
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces
            .fold(first, |all, piece| all + piece.trim_start_matches(|c: char| c.is_ascii_digit()))
    })
}

#[tokio::test]
async fn rules_are_taken_in_their_order_and_used_up() {
    let server = ModelServer::start().await;
    server.script([
        Rule::any(Reply::text("third call")).call(3).once(),
        Rule::any(Reply::text("marked")).marker("[[t1 s1]]"),
        Rule::any(Reply::error(429).retry_after("2")).kind(ProviderKind::DeepSeek),
    ]);
    let ask = async |kind, text: &str| {
        let (path, body) = question(kind, text, false);
        post(&server, kind, &path, &body).await
    };
    assert!(ask(ProviderKind::OpenAi, "[[t1 s1]]").await.1.contains("third call"));
    assert!(ask(ProviderKind::OpenAi, "a [[t1 s1]] b").await.1.contains("marked"));
    assert_eq!(ask(ProviderKind::DeepSeek, "x").await.0, 429);
    assert!(ask(ProviderKind::OpenAi, "x").await.1.contains("echo: x"));
}

#[tokio::test]
async fn what_a_vendor_refuses_is_refused_and_remembered() {
    let mut server = ModelServer::start().await;
    server.forgive();
    let orphan = json!([{"role": "user", "content": "x"}, {"role": "tool", "tool_call_id": "c1", "content": "y"}]);
    let wrong = [
        (ProviderKind::OpenAi, "chat/completions", json!({"model": "m", "messages": orphan})),
        (
            ProviderKind::OpenAi,
            "chat/completions",
            json!({"model": "m", "messages": [], "colour": 1}),
        ),
        (
            ProviderKind::Anthropic,
            "messages",
            json!({"model": "m", "messages": [{"role": "user", "content": "x"}]}),
        ),
        (ProviderKind::Google, "models/m:generateContent", json!({"contents": [], "system": "x"})),
        (
            ProviderKind::Google,
            "models/m:streamGenerateContent",
            json!({"contents": [{"parts": [{"text": "x"}]}]}),
        ),
        (
            ProviderKind::Ollama,
            "api/chat",
            json!({"model": "m", "messages": [{"role": "you", "content": "x"}]}),
        ),
    ];
    for (kind, path, body) in &wrong {
        assert_eq!(post(&server, *kind, path, body).await.0, 400, "{kind} {body}");
    }
    assert_eq!(server.invalid().len(), wrong.len());
}

#[tokio::test]
async fn a_wrong_key_is_answered_with_401() {
    let server = ModelServer::start().await;
    server.keys(&["another"]);
    for kind in ProviderKind::ALL {
        let (path, body) = question(*kind, "hi", false);
        assert_eq!(post(&server, *kind, &path, &body).await.0, 401, "{kind}");
        assert_eq!(server.ledger().pop().unwrap().key.as_deref(), Some("sk-1"), "{kind}");
    }
}

#[tokio::test]
async fn a_cut_and_a_silence_come_where_the_script_says() {
    let server = ModelServer::start().await;
    for kind in ProviderKind::ALL {
        let (path, body) = question(*kind, "hi", true);
        server.script([Rule::any(Reply::text("one two three").fault(Fault::CutAfter(2))).once()]);
        let mut answer = send(&server, *kind, &path, &body).await;
        let mut seen = Vec::new();
        let end = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => seen.extend_from_slice(&chunk),
                end => break end,
            }
        };
        assert!(end.is_err(), "{kind}: the end is no end");
        let seen = String::from_utf8(seen).unwrap();
        assert!(seen.contains("two ") && !seen.contains("three"), "{kind}: {seen}");

        let silent = Reply::text("one two").fault(Fault::SilentAfter(1));
        server.script([Rule::any(silent).once()]);
        let mut answer = send(&server, *kind, &path, &body).await;
        answer.chunk().await.unwrap().unwrap();
        let n = server.ledger().pop().unwrap().n;
        drop(answer);
        assert!(server.ended(n).await.left_early, "{kind}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_during_a_pause_is_seen() {
    let server = ModelServer::start().await;
    server.reply(Reply::text("one two three").chunks(3, Duration::from_mins(1)));
    let (path, body) = question(ProviderKind::OpenAi, "hi", true);
    let mut answer = send(&server, ProviderKind::OpenAi, &path, &body).await;
    answer.chunk().await.unwrap().unwrap();
    drop(answer);
    let entry = server.ended(1).await;
    assert!(entry.left_early);
    assert!(entry.pieces_sent < 3);
    assert_eq!(entry.call(), Some(("0192e4a0-0000-7000-8000-000000000001", 3, 7)));
}

#[tokio::test]
async fn every_format_has_its_own_words_for_an_error() {
    let server = ModelServer::start().await;
    for kind in ProviderKind::ALL {
        for status in [401, 402, 404, 413, 429, 500, 503, 529] {
            server.script([Rule::any(Reply::error(status).retry_after("3"))]);
            let (path, body) = question(*kind, "hi", true);
            let answer = send(&server, *kind, &path, &body).await;
            assert_eq!(answer.status().as_u16(), status, "{kind}");
            assert_eq!(answer.headers()["retry-after"], "3", "{kind}");
            let body: Value = answer.json().await.unwrap();
            assert!(!body["error"].is_null(), "{kind} {status}: {body}");
        }
    }
}
