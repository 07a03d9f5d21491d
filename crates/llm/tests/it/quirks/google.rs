use ninja_llm::{ChatRequest, Completion, ProviderError, Stop, Target, Tokens};
use ninja_types::{ModelErrorClass, ProviderKind};
use serde_json::{Value, json};

use crate::asked::{ask, question, target, with_schema, with_tools};
use crate::raw::{Raw, Then};

const KIND: ProviderKind = ProviderKind::Google;

fn frame(parts: &Value, finish: Option<&str>, usage: &Value) -> String {
    let candidate =
        json!({"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0});
    let frame = json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash-001", "responseId": "r7"});
    format!("data: {frame}\r\n\r\n").replace("\"finishReason\":null,", "")
}

async fn answers(
    body: &str,
    model: &str,
    request: &ChatRequest,
) -> (Result<Completion, ProviderError>, (String, Value)) {
    let server = Raw::events(body, Then::Close).await;
    let target = Target { model: model.to_owned(), ..target(KIND, &server.base_url) };
    let answer = ask(KIND, &target, request).await;
    (answer, server.request())
}

#[tokio::test]
async fn thoughts_are_part_of_the_output_and_never_asked_for() {
    let usage = json!({"promptTokenCount": 60, "cachedContentTokenCount": 40, "candidatesTokenCount": 5, "thoughtsTokenCount": 20});
    let thought = json!([{"text": "hm", "thought": true}]);
    let body = frame(&thought, None, &json!({"promptTokenCount": 60}))
        + &frame(&json!([{"text": "two"}]), Some("STOP"), &usage);
    let (answer, (_, asked)) = answers(&body, "gemini-2.5-flash", &question()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.reasoning.as_deref()), ("two", Some("hm")));
    let tokens =
        Tokens { input: 60, cache_read: 40, output: 25, reasoning: 20, ..Tokens::default() };
    assert_eq!(answer.tokens, Some(tokens));
    assert_eq!(answer.response_model.as_deref(), Some("gemini-2.5-flash-001"));
    assert_eq!(answer.response_id.as_deref(), Some("r7"));
    assert_eq!(asked["generationConfig"], json!({"maxOutputTokens": 512}));
}

#[tokio::test]
async fn a_models_name_leads_nowhere_else() {
    let body = frame(&json!([{"text": "two"}]), Some("STOP"), &json!({}));
    for (model, path) in [
        ("gemini-3-pro-high", "/v1/models/gemini-3-pro-high:streamGenerateContent?alt=sse"),
        ("models/gemini-x", "/v1/models/gemini-x:streamGenerateContent?alt=sse"),
        ("tunedModels/mine", "/v1/tunedModels/mine:streamGenerateContent?alt=sse"),
        ("../../v2/x?key=1", "/v1/models/..%2F..%2Fv2%2Fx%3Fkey=1:streamGenerateContent?alt=sse"),
    ] {
        let (_, (head, _)) = answers(&body, model, &question()).await;
        assert!(head.starts_with(&format!("POST {path} HTTP/1.1")), "{head}");
        assert!(head.to_lowercase().contains("x-goog-api-key: "), "{head}");
    }
}

#[tokio::test]
async fn a_prompt_that_is_blocked_is_refused_for_its_content() {
    let body = format!(
        "data: {}\n\n",
        json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}})
    );
    let (answer, _) = answers(&body, "m", &question()).await;
    assert_eq!(answer.unwrap_err().class, ModelErrorClass::ContentFilter);
    let body = frame(&json!([{"text": "tw"}]), Some("SAFETY"), &json!({}));
    let (answer, _) = answers(&body, "m", &question()).await;
    assert_eq!(answer.unwrap().stop, Stop::ContentFilter);
    let body = frame(&json!([{"text": "tw"}]), Some("MALFORMED_FUNCTION_CALL"), &json!({}));
    let (answer, _) = answers(&body, "m", &question()).await;
    assert_eq!(answer.unwrap().stop, Stop::Other("MALFORMED_FUNCTION_CALL".to_owned()));
}

#[tokio::test]
async fn calls_of_several_frames_have_names_of_their_own() {
    let call =
        |path: &str| json!([{"functionCall": {"name": "read_file", "args": {"path": path}}}]);
    let body = frame(&call("x"), None, &json!({})) + &frame(&call("y"), Some("STOP"), &json!({}));
    let (answer, (_, asked)) = answers(&body, "m", &with_tools()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.stop, Stop::ToolCalls);
    assert_eq!(answer.tool_calls[0].arguments["path"], "x");
    assert_eq!(answer.tool_calls[1].arguments["path"], "y");
    assert_ne!(answer.tool_calls[0].id, answer.tool_calls[1].id);
    assert_eq!(asked["tools"][0]["functionDeclarations"][1]["name"], "web_search");
}

#[tokio::test]
async fn a_schema_goes_where_gemini_takes_whole_ones() {
    let body = frame(&json!([{"text": "{\"count\": 2}"}]), Some("STOP"), &json!({}));
    let (answer, (_, asked)) = answers(&body, "m", &with_schema()).await;
    answer.unwrap();
    assert_eq!(asked["generationConfig"]["responseMimeType"], "application/json");
    assert_eq!(asked["generationConfig"]["responseJsonSchema"]["required"], json!(["count"]));
}

#[tokio::test]
async fn a_frame_that_only_reports_usage_is_no_fault() {
    let report = json!({"usageMetadata": {"promptTokenCount": 9}, "modelVersion": "m-1"});
    let used = json!({"promptTokenCount": 9, "candidatesTokenCount": 2});
    let body =
        format!("data: {report}\n\n") + &frame(&json!([{"text": "two"}]), Some("STOP"), &used);
    let (answer, _) = answers(&body, "m", &question()).await;
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.tokens.unwrap().output), ("two", 2));
}
