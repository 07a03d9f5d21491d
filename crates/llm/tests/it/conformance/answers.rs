use ninja_llm::{ChatRequest, Message, Part, Stop, Target, Tokens, ToolChoice};
use ninja_testkit::model_server::{Reply, Stop as Said, Usage};
use ninja_types::{ModelErrorClass, ProviderKind};
use serde_json::json;

use super::{each, each_with};
use crate::asked::{KEY, question, with_schema, with_tools};

const WORDS: &str = "Zwei Zaunkönige, 北の門 🐦 — both with white breasts.";

#[tokio::test]
async fn an_answer_is_told_whole_and_says_who_gave_it() {
    for made in each(&question(), |_| Reply::text(WORDS).chunks(1, std::time::Duration::ZERO)).await
    {
        let (kind, answer) = (made.kind, made.answer.unwrap());
        assert_eq!((answer.text.as_str(), &answer.stop), (WORDS, &Stop::Completed), "{kind}");
        assert!(answer.tool_calls.is_empty() && answer.reasoning.is_none(), "{kind}");
        assert_eq!(answer.response_model.as_deref(), Some(made.entry.model.as_str()), "{kind}");
        assert_eq!(answer.response_id.is_some(), kind != ProviderKind::Ollama, "{kind}");
        assert_eq!(made.entry.request_id.as_deref(), Some("step-1.2.3"), "{kind}");
        let key = made.entry.key.as_deref();
        assert!(
            matches!(kind, ProviderKind::Ollama) || key.is_none_or(|key| key.ends_with(KEY)),
            "{kind}"
        );
        assert!(made.entry.streamed, "{kind}: always streaming");
    }
}

#[tokio::test]
async fn a_stream_is_said_piece_by_piece_and_makes_the_text() {
    for torn in [0, 11] {
        let reply = |_| match torn {
            0 => Reply::text(WORDS),
            torn => Reply::text(WORDS).torn(torn),
        };
        for made in each(&question(), reply).await {
            let answer = made.answer.unwrap();
            assert_eq!(answer.text, WORDS, "{} in pieces of {torn} bytes", made.kind);
            assert!(made.pieces.len() > 3, "{}: {:?}", made.kind, made.pieces);
        }
    }
}

#[tokio::test]
async fn two_calls_are_two_and_each_has_its_arguments() {
    let reply = |_| {
        Reply::text("I look.")
            .and_tool("read_file", json!({"path": "a b.txt"}))
            .and_tool("read_file", json!({"path": "ü"}))
    };
    for made in each(&with_tools(), reply).await {
        let (kind, answer) = (made.kind, made.answer.unwrap());
        assert_eq!((answer.text.as_str(), &answer.stop), ("I look.", &Stop::ToolCalls), "{kind}");
        let calls: Vec<_> =
            answer.tool_calls.iter().map(|call| (call.name.as_str(), &call.arguments)).collect();
        let expected = [json!({"path": "a b.txt"}), json!({"path": "ü"})];
        assert_eq!(calls, [("read_file", &expected[0]), ("read_file", &expected[1])], "{kind}");
        assert_ne!(answer.tool_calls[0].id, answer.tool_calls[1].id, "{kind}");
        assert!(answer.tokens.is_some(), "{kind}");
    }
}

#[tokio::test]
async fn the_results_of_tools_go_back_to_the_calls_that_they_answer() {
    let calls = each(&with_tools(), |_| {
        Reply::tool("read_file", json!({"path": "a"}))
            .and_tool("web_search", json!({"path": "b"}))
            .reasoning("I must look.")
    })
    .await;
    for made in calls {
        let (kind, called) = (made.kind, made.answer.unwrap());
        let mut request = with_tools();
        let results = called.tool_calls.clone();
        let assistant = Message::Assistant {
            text: called.text,
            reasoning: called.reasoning.clone(),
            tool_calls: called.tool_calls,
        };
        request.messages.push(assistant);
        for (call, content) in results.into_iter().zip(["first", "second"]) {
            let (call_id, name) = (call.id, call.name);
            request.messages.push(Message::Tool { call_id, name, content: content.to_owned() });
        }
        let only = |asked| if asked == kind { Reply::text("Two.") } else { Reply::echo() };
        let made = each(&request, only).await.into_iter().find(|made| made.kind == kind).unwrap();
        assert_eq!(made.answer.unwrap().text, "Two.", "{kind}");
        assert_eq!(made.entry.invalid, None, "{kind}");
        let sent = made.entry.body.to_string();
        assert!(sent.contains("first") && sent.contains("second"), "{kind}: {sent}");
        let echoed = sent.contains("I must look.");
        assert_eq!(
            echoed,
            kind == ProviderKind::DeepSeek,
            "{kind}: reasoning goes back to one only"
        );
        let shown = !matches!(kind, ProviderKind::OpenAi);
        assert_eq!(called.reasoning.is_some(), shown, "{kind}");
    }
}

#[tokio::test]
async fn a_tool_that_must_be_called_is_one_that_every_format_can_say() {
    for tool_choice in [ToolChoice::Auto, ToolChoice::None, ToolChoice::Required] {
        let request = ChatRequest { tool_choice: tool_choice.clone(), ..with_tools() };
        for made in each(&request, |_| Reply::tool("read_file", json!({"path": "a"}))).await {
            assert_eq!(made.entry.invalid, None, "{} {tool_choice:?}", made.kind);
        }
    }
}

#[tokio::test]
async fn a_schema_is_told_whether_or_not_the_provider_knows_it() {
    for json_schema in [true, false] {
        let change = |target| Target { json_schema, ..target };
        let good = each_with(&with_schema(), |_| Reply::json(&json!({"count": 2})), change).await;
        for made in good {
            assert_eq!(made.answer.unwrap().text, r#"{"count":2}"#, "{}", made.kind);
            assert_eq!(made.entry.invalid, None, "{}", made.kind);
            assert!(made.entry.body.to_string().contains("count"), "{}: it is told", made.kind);
        }
    }
    let tools = with_tools().tools;
    let request = ChatRequest { tools, ..with_schema() };
    for made in each(&request, |_| Reply::json(&json!({"count": 2}))).await {
        assert_eq!(made.answer.unwrap().text, r#"{"count":2}"#, "{} with tools", made.kind);
        assert_eq!(made.entry.invalid, None, "{}", made.kind);
    }
}

#[tokio::test]
async fn a_picture_is_sent_in_every_format() {
    let data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
    let image = Part::Image { media_type: "image/png".to_owned(), data: data.to_owned() };
    let parts = vec![Part::Text { text: "What is this?".to_owned() }, image];
    let request = ChatRequest { messages: vec![Message::User { parts }], ..question() };
    for made in each(&request, |_| Reply::text("A pixel.")).await {
        assert_eq!(made.answer.unwrap().text, "A pixel.", "{}", made.kind);
        assert_eq!(made.entry.invalid, None, "{}", made.kind);
        assert!(made.entry.body.to_string().contains(data), "{}", made.kind);
    }
}

#[tokio::test]
async fn usage_means_the_same_in_every_format() {
    let usage = Usage { input: 120, output: 30, ..Usage::default() };
    for made in each(&question(), |_| Reply::text("Two.").usage(usage)).await {
        let tokens = Tokens { input: 120, output: 30, ..Tokens::default() };
        assert_eq!(made.answer.unwrap().tokens, Some(tokens), "{}", made.kind);
    }
    let usage = Usage {
        input: 120,
        cache_read: 50,
        cache_write_5m: 20,
        cache_write_1h: 10,
        output: 30,
        reasoning: 12,
    };
    for made in each(&question(), |_| Reply::text("Two.").usage(usage)).await {
        let tokens = made.answer.unwrap().tokens.unwrap();
        assert_eq!((tokens.input, tokens.output), (120, 30), "{}", made.kind);
        let cached = if made.kind == ProviderKind::Ollama { 0 } else { 50 };
        assert_eq!(tokens.cache_read, cached, "{}", made.kind);
        let written = if made.kind == ProviderKind::Anthropic { (20, 10) } else { (0, 0) };
        assert_eq!((tokens.cache_write_5m, tokens.cache_write_1h), written, "{}", made.kind);
        let counted = !matches!(made.kind, ProviderKind::Anthropic | ProviderKind::Ollama);
        assert_eq!(tokens.reasoning, if counted { 12 } else { 0 }, "{}", made.kind);
    }
}

#[tokio::test]
async fn usage_that_is_missing_or_wrong_is_none() {
    for made in each(&question(), |_| Reply::text("Two.").no_usage()).await {
        assert_eq!(made.answer.unwrap().tokens, None, "{}", made.kind);
    }
    let nothing = Usage::default();
    for made in each(&question(), |_| Reply::text("Two.").usage(nothing)).await {
        assert_eq!(made.answer.unwrap().tokens, None, "{}: zero for words is no report", made.kind);
    }
}

#[tokio::test]
async fn an_answer_that_reached_its_limit_says_so_unless_it_is_half_of_something() {
    for made in each(&question(), |_| Reply::text("Two wo").stop(Said::MaxTokens)).await {
        let answer = made.answer.unwrap();
        assert_eq!(
            (answer.text.as_str(), answer.stop),
            ("Two wo", Stop::MaxTokens),
            "{}",
            made.kind
        );
    }
    let call = |_| Reply::tool("read_file", json!({"path": "a"})).stop(Said::MaxTokens);
    for made in each(&with_tools(), call).await {
        assert_eq!(made.answer.unwrap_err().class, ModelErrorClass::Malformed, "{}", made.kind);
    }
}

#[tokio::test]
async fn what_the_provider_ends_for_its_content_says_so() {
    for made in each(&question(), |_| Reply::text("Two wo").stop(Said::ContentFilter)).await {
        let answer = made.answer.unwrap();
        // Ollama has no word for it.
        let ollama = made.kind == ProviderKind::Ollama;
        let stop = if ollama { Stop::Completed } else { Stop::ContentFilter };
        assert_eq!((answer.text.as_str(), answer.stop), ("Two wo", stop), "{}", made.kind);
    }
}
