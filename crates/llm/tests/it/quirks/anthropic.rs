use ninja_llm::{ChatRequest, Completion, ProviderError, Stop, Tokens};
use ninja_types::{ModelErrorClass, ProviderKind};
use serde_json::{Value, json};

use crate::asked::{ask, question, target, with_tools};
use crate::raw::{Raw, Then};

const KIND: ProviderKind = ProviderKind::Anthropic;

fn events(events: &[Value]) -> String {
    let frame =
        |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    events.iter().map(frame).collect::<Vec<_>>().concat()
}

fn start(usage: &Value) -> Value {
    let message = json!({"id": "msg_7", "model": "claude-sonnet-4-5-20250929", "usage": usage});
    json!({"type": "message_start", "message": message})
}

fn text(text: &str) -> [Value; 3] {
    [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        json!({"type": "content_block_stop", "index": 0}),
    ]
}

fn end(reason: &str, usage: &Value) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}),
        json!({"type": "message_stop"}),
    ]
}

async fn answers(
    body: &str,
    request: &ChatRequest,
) -> (Result<Completion, ProviderError>, (String, Value)) {
    let server = Raw::events(body, Then::Close).await;
    let answer = ask(KIND, &target(KIND, &server.base_url), request).await;
    (answer, server.request())
}

#[tokio::test]
async fn the_input_includes_what_was_cached_and_what_was_written_to_the_cache() {
    let usage = json!({"input_tokens": 10, "cache_read_input_tokens": 50, "cache_creation_input_tokens": 40,
        "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 10}, "output_tokens": 1});
    let body = [&[start(&usage)][..], &text("two"), &end("end_turn", &json!({"output_tokens": 7}))]
        .concat();
    let (answer, _) = answers(&events(&body), &question()).await;
    let answer = answer.unwrap();
    let tokens = Tokens {
        input: 100,
        cache_read: 50,
        cache_write_5m: 30,
        cache_write_1h: 10,
        output: 7,
        reasoning: 0,
    };
    assert_eq!(answer.tokens, Some(tokens));
    assert_eq!(answer.response_id.as_deref(), Some("msg_7"));
    assert_eq!(answer.response_model.as_deref(), Some("claude-sonnet-4-5-20250929"));
}

#[tokio::test]
async fn a_report_of_the_beginning_is_none_of_the_whole() {
    let usage = json!({"input_tokens": 10, "output_tokens": 1});
    let body = [&[start(&usage)][..], &text("two wrens")].concat();
    let (answer, _) = answers(&events(&body), &question()).await;
    let error = answer.unwrap_err();
    assert_eq!(error.class, ModelErrorClass::Broken);
    assert_eq!(
        (error.seen.bytes, error.seen.tokens),
        (9, None),
        "the output of one token is no report"
    );
}

#[tokio::test]
async fn a_tool_keeps_its_name_and_what_the_next_call_begins_with_is_marked() {
    let body = [&[start(&json!({}))][..], &text("two"), &end("end_turn", &json!({}))].concat();
    let mut request = with_tools();
    let (answer, (head, asked)) = answers(&events(&body), &request).await;
    assert_eq!(answer.unwrap().tokens, None);
    let head = head.to_lowercase();
    assert!(
        head.contains("anthropic-version: 2023-06-01") && head.contains("x-api-key: "),
        "{head}"
    );
    assert_eq!(asked["tools"][1]["name"], "web_search");
    assert_eq!(asked["tools"][1].get("type"), None, "not the vendor's own");
    assert!(!asked.to_string().contains("cache_control"));
    assert_eq!((&asked["max_tokens"], &asked["stream"]), (&json!(512), &json!(true)));

    request.cache_hint = Some("task-1".to_owned());
    let (_, (_, asked)) = answers(&events(&body), &request).await;
    let mark = json!({"type": "ephemeral"});
    assert_eq!(asked["tools"][0].get("cache_control"), None);
    assert_eq!(asked["tools"][1]["cache_control"], mark);
    assert_eq!(asked["system"][0]["cache_control"], mark);
    assert_eq!(asked["messages"][0]["content"][0]["cache_control"], mark);
}

#[tokio::test]
async fn a_fault_in_the_stream_has_the_vendors_class() {
    let fault =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let body = [&[start(&json!({"input_tokens": 10}))][..], &text("two")[..2], &[fault]].concat();
    let (answer, _) = answers(&events(&body), &question()).await;
    let error = answer.unwrap_err();
    assert_eq!((error.class, error.status), (ModelErrorClass::Overloaded, None));
    assert_eq!(error.code.as_deref(), Some("overloaded_error"));
}

#[tokio::test]
async fn a_call_that_the_limit_cuts_is_malformed() {
    let call = [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t1", "name": "read_file", "input": {}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{\"path\": \"a"}}),
    ];
    let body = [&[start(&json!({}))][..], &call, &end("max_tokens", &json!({}))].concat();
    let (answer, _) = answers(&events(&body), &with_tools()).await;
    let error = answer.unwrap_err();
    assert_eq!(error.class, ModelErrorClass::Malformed);
    assert!(error.message.contains("limit of tokens"), "{}", error.message);
    assert!(error.seen.bytes >= 10, "{:?}", error.seen);
    let body = [&[start(&json!({}))][..], &text("I cannot."), &end("refusal", &json!({}))].concat();
    let (answer, _) = answers(&events(&body), &question()).await;
    assert_eq!(answer.unwrap().stop, Stop::ContentFilter);
}
