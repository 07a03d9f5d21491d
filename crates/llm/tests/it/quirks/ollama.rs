use std::time::Duration;

use ninja_llm::{ChatRequest, Completion, Message, Part, ProviderError, Stop, Tokens};
use ninja_types::{ModelErrorClass, ProviderKind};
use serde_json::{Value, json};

use crate::asked::{ask, question, target, with_schema, with_tools};
use crate::raw::{Raw, Then};

const KIND: ProviderKind = ProviderKind::Ollama;

fn lines(lines: &[Value]) -> String {
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

fn said(message: &Value) -> Value {
    json!({"model": "qwen3:8b", "message": message, "done": false})
}

fn done(reason: &str, read: u64) -> Value {
    json!({"model": "qwen3:8b", "message": {"role": "assistant", "content": ""}, "done": true,
        "done_reason": reason, "prompt_eval_count": read, "eval_count": 4})
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
async fn the_context_and_the_schema_are_asked_for() {
    let body = lines(&[
        said(&json!({"content": "{\"count\":"})),
        said(&json!({"content": " 2}"})),
        done("stop", 30),
    ]);
    let (answer, (head, asked)) = answers(&body, &with_schema()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.text, "{\"count\": 2}");
    assert_eq!(answer.tokens, Some(Tokens { input: 30, output: 4, ..Tokens::default() }));
    assert!(head.starts_with("POST /v1/api/chat HTTP/1.1"), "{head}");
    assert_eq!(asked["options"], json!({"num_ctx": 16_384, "num_predict": 512}));
    assert_eq!(asked["format"]["required"], json!(["count"]));
    assert_eq!((&asked["think"], &asked["stream"]), (&json!(false), &json!(true)));
    assert_eq!(asked["messages"][0], json!({"role": "system", "content": "Answer briefly."}));
}

#[tokio::test]
async fn a_prompt_that_was_cut_in_silence_is_too_long() {
    let mut request = question();
    let text = "All the words of a long book. ".repeat(1_000);
    request.messages.push(Message::User { parts: vec![Part::Text { text }] });
    let body = |read| lines(&[said(&json!({"content": "yes"})), done("stop", read)]);
    let (cut, _) = answers(&body(4_096), &request).await;
    let error = cut.unwrap_err();
    assert_eq!((error.class, error.seen.bytes), (ModelErrorClass::ContextLength, 3));
    let (whole, _) = answers(&body(8_000), &request).await;
    assert_eq!(whole.unwrap().tokens.unwrap().input, 8_000);
    let (short, _) = answers(&body(1), &question()).await;
    assert!(short.is_ok(), "what is shorter than every context is never cut");
}

#[tokio::test]
async fn calls_come_whole_and_are_sent_back_with_the_name_of_the_tool() {
    let calls = json!([
        {"function": {"name": "read_file", "arguments": {"path": "x"}}},
        {"id": "c9", "function": {"name": "read_file", "arguments": {"path": "y"}}},
    ]);
    let body = lines(&[said(&json!({"content": "", "tool_calls": calls})), done("stop", 30)]);
    let mut request = with_tools();
    let (answer, _) = answers(&body, &request).await;
    let answer = answer.unwrap();
    assert_eq!(answer.stop, Stop::ToolCalls);
    assert!(answer.tool_calls[0].id.starts_with("call_"), "{:?}", answer.tool_calls);
    assert_eq!(answer.tool_calls[1].id, "c9");
    let tool_calls = answer.tool_calls;
    let call_id = tool_calls[0].id.clone();
    request.messages.push(Message::Assistant { text: String::new(), reasoning: None, tool_calls });
    let name = "read_file".to_owned();
    request.messages.push(Message::Tool { call_id, name, content: "two wrens".to_owned() });
    let (_, (_, asked)) = answers(&body, &request).await;
    assert_eq!(
        asked["messages"][2]["tool_calls"][1]["function"]["arguments"],
        json!({"path": "y"})
    );
    assert_eq!(asked["messages"][3]["tool_name"], "read_file");
    assert_eq!(asked["messages"][3]["content"], "two wrens");
}

#[tokio::test]
async fn a_stream_without_its_last_line_is_broken_and_a_line_that_is_none_malformed() {
    let whole = lines(&[said(&json!({"content": "two"})), done("stop", 30)]);
    for cut in [0, 10, whole.find('\n').unwrap() + 1, whole.len() - 1] {
        let (answer, _) = answers(&whole[..cut], &question()).await;
        assert_eq!(answer.unwrap_err().class, ModelErrorClass::Broken, "cut at {cut}");
    }
    let (answer, _) = answers("no JSON\n", &question()).await;
    assert_eq!(answer.unwrap_err().class, ModelErrorClass::Malformed);
    let told = said(&json!({"content": "two"})).to_string()
        + "\n{\"error\": \"an error was encountered\"}\n";
    let (answer, _) = answers(&told, &question()).await;
    let error = answer.unwrap_err();
    assert_eq!((error.class, error.seen.bytes), (ModelErrorClass::Server, 3));
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_idle() {
    let server = Raw::events(&lines(&[said(&json!({"content": "two"}))]), Then::Silence).await;
    let mut target = target(KIND, &server.base_url);
    target.patience.idle = Duration::from_millis(200);
    let error = ask(KIND, &target, &question()).await.unwrap_err();
    assert_eq!((error.class, error.seen.bytes), (ModelErrorClass::TimeoutIdle, 3));
}
