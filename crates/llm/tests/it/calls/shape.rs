use ninja_llm::{CallFault, ChatRequest, Completion, OutputSchema, Stop, ToolCall};
use serde_json::json;

use super::bench::{Bench, Reply, completion, request};

fn asked() -> ChatRequest {
    let schema = json!({
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 9}},
        "required": ["city"],
    });
    let output_schema = Some(OutputSchema { name: "place".to_owned(), schema });
    ChatRequest { output_schema, ..request() }
}

async fn ended(request: &ChatRequest, completion: Completion) -> Result<String, String> {
    let bench = Bench::new(&[("a", vec![Reply::Says(vec![], completion)])]);
    match bench.call(request).await {
        Ok(answer) => Ok(answer.text),
        Err(error) => match error.fault {
            CallFault::Malformed(error) => Err(error.message),
            other => panic!("{other:?}"),
        },
    }
}

#[tokio::test]
async fn an_answer_has_the_shape_that_was_asked_for_or_is_none() {
    assert!(ended(&asked(), completion(r#"{"city":"Bern"}"#)).await.is_ok());
    let told = ended(&asked(), completion(r#"{"city":"secret-canary"}"#)).await.unwrap_err();
    assert!(told.contains("/city") && !told.contains("canary"), "{told}");
    let told = ended(&asked(), completion("secret-canary")).await.unwrap_err();
    assert_eq!(told, "the answer is no JSON: line 1, column 1");
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_none_where_its_end_matters() {
    let cut = |text: &str| Completion { stop: Stop::MaxTokens, ..completion(text) };
    assert!(ended(&asked(), cut(r#"{"city":"Bern"}"#)).await.is_err());
    assert_eq!(ended(&request(), cut("Once upon")).await, Ok("Once upon".to_owned()));
    let call = ToolCall { id: "1".to_owned(), name: "finish".to_owned(), arguments: json!({}) };
    let open = Completion { tool_calls: vec![call], ..cut("") };
    assert!(ended(&request(), open).await.is_err());
}

#[tokio::test]
async fn a_refusal_and_a_call_of_a_tool_need_not_have_the_shape() {
    let refused = Completion { stop: Stop::ContentFilter, ..completion("I will not.") };
    assert_eq!(ended(&asked(), refused).await, Ok("I will not.".to_owned()));
    let call = ToolCall { id: "1".to_owned(), name: "look".to_owned(), arguments: json!({}) };
    let calls = Completion { stop: Stop::ToolCalls, tool_calls: vec![call], ..completion("") };
    assert!(ended(&asked(), calls).await.is_ok());
}

#[tokio::test]
async fn a_schema_that_is_none_is_told_before_anything_is_bought() {
    let mut broken = asked();
    broken.output_schema.as_mut().unwrap().schema = json!({"type": "no such type"});
    let bench = Bench::new(&[("a", vec![Reply::Says(vec![], completion("{}"))])]);
    let error = bench.call(&broken).await.unwrap_err();
    assert!(matches!(error.fault, CallFault::Rejected(_)), "{error:?}");
    assert!(bench.asked().is_empty() && bench.budget.verbs().is_empty());
}
