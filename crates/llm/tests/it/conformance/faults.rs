use std::time::Duration;

use ninja_llm::{Patience, Target};
use ninja_testkit::model_server::{Fault, Reply};
use ninja_types::{ModelErrorClass as Class, ProviderKind};

use super::{SHORT, each, each_with};
use crate::asked::{QUESTION, question, with_tools};

#[tokio::test]
async fn every_status_has_its_class() {
    for (status, class) in [
        (400, Class::BadRequest),
        (401, Class::Auth),
        (402, Class::Billing),
        (403, Class::Auth),
        (404, Class::NotFound),
        (413, Class::ContextLength),
        (422, Class::BadRequest),
        (429, Class::Rate),
        (500, Class::Server),
        (502, Class::Server),
        (503, Class::Overloaded),
        (529, Class::Overloaded),
    ] {
        for made in each(&question(), |_| Reply::error(status)).await {
            let error = made.answer.unwrap_err();
            assert_eq!(error.status, Some(status), "{}", made.kind);
            // OpenAI has one code for both, and means the server's fault.
            assert_eq!(error.class, class, "{} {status}: {error:?}", made.kind);
            assert!(!error.seen.began(), "{}", made.kind);
            assert_eq!(error.retry_after, None, "{}", made.kind);
        }
    }
}

#[tokio::test]
async fn retry_after_is_honoured_in_every_format() {
    let wait = |header: &str, value: &str| {
        let (header, value) = (header.to_owned(), value.to_owned());
        move |_: ProviderKind| Reply::error(429).header(&header, &value)
    };
    for (header, value, seconds) in [
        ("retry-after", "7", 7.0),
        ("retry-after-ms", "1500", 1.5),
        ("retry-after", "99999", 600.0),
    ] {
        for made in each(&question(), wait(header, value)).await {
            let error = made.answer.unwrap_err();
            let waits = error.retry_after.map(|wait| wait.as_secs_f64());
            assert_eq!((error.class, waits), (Class::Rate, Some(seconds)), "{}", made.kind);
        }
    }
    let now = std::time::SystemTime::now() + Duration::from_mins(1);
    let date = chrono::DateTime::<chrono::Utc>::from(now).format("%a, %d %b %Y %H:%M:%S GMT");
    for made in each(&question(), wait("retry-after", &date.to_string())).await {
        let waits = made.answer.unwrap_err().retry_after.unwrap().as_secs_f64();
        assert!((30.0..=61.0).contains(&waits), "{}: {waits}", made.kind);
    }
}

#[tokio::test]
async fn no_answer_in_time_is_told_from_one_that_falls_silent() {
    let first = |target: Target| {
        let patience = Patience { first_byte: SHORT, ..target.patience };
        Target { patience, ..target }
    };
    let late = |_| Reply::text("Two.").first_byte_after(Duration::from_mins(1));
    for made in each_with(&question(), late, first).await {
        let error = made.answer.unwrap_err();
        assert_eq!(error.class, Class::TimeoutFirstByte, "{}", made.kind);
        assert!(!error.seen.began() && made.entry.left_early, "{}", made.kind);
    }
    let idle = |target: Target| {
        let patience = Patience { idle: SHORT, ..target.patience };
        Target { patience, ..target }
    };
    let silent = |_| Reply::text("one two three four").fault(Fault::SilentAfter(2));
    for made in each_with(&question(), silent, idle).await {
        let error = made.answer.unwrap_err();
        assert_eq!((error.class, error.seen.bytes), (Class::TimeoutIdle, 8), "{}", made.kind);
        assert_eq!(made.pieces.concat(), "one two ", "{}", made.kind);
        assert!(made.entry.left_early, "{}: the stream is cut by us", made.kind);
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_broken_and_says_what_was_seen() {
    for (fault, seen) in [
        (Fault::CutAfter(2), "one two "),
        (Fault::EndAfter(2), "one two "),
        (Fault::CutAfter(0), ""),
        (Fault::Empty, ""),
    ] {
        for made in each(&question(), |_| Reply::text("one two three four").fault(fault)).await {
            let error = made.answer.unwrap_err();
            assert_eq!(error.class, Class::Broken, "{} {fault:?}: {error:?}", made.kind);
            // A reset may overtake what was sent before it.
            let said = made.pieces.concat();
            assert!(seen.starts_with(&said), "{} {fault:?}: {said}", made.kind);
            assert_eq!(error.seen.bytes, u64::try_from(said.len()).unwrap(), "{}", made.kind);
            if matches!(fault, Fault::EndAfter(_)) {
                assert_eq!(said, seen, "{}", made.kind);
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_at_any_byte_is_no_answer() {
    for bytes in [1, 30, 90, 150, 210, 239] {
        let reply = |_| {
            Reply::text("one two three four five six seven eight")
                .fault(Fault::CutAfterBytes(bytes))
        };
        for made in each(&question(), reply).await {
            let error = made.answer.unwrap_err();
            assert_eq!(error.class, Class::Broken, "{} at {bytes}: {error:?}", made.kind);
        }
    }
}

#[tokio::test]
async fn what_is_not_in_the_format_is_malformed() {
    for piece in [0, 1, 3] {
        let reply = |_| Reply::text("one two three four").fault(Fault::BadJson(piece));
        for made in each(&question(), reply).await {
            let error = made.answer.unwrap_err();
            assert_eq!(error.class, Class::Malformed, "{} {piece}: {error:?}", made.kind);
        }
    }
    let reply = |_| Reply::default().and_raw_tool("read_file", "{\"path\": ");
    for made in each(&with_tools(), reply).await {
        // The others send arguments as JSON, where they cannot be broken alone; without any they are none.
        let text = !matches!(made.kind, ProviderKind::Google | ProviderKind::Ollama);
        match made.answer {
            Err(error) if text => assert_eq!(error.class, Class::Malformed, "{}", made.kind),
            Ok(answer) if !text => {
                assert_eq!(answer.tool_calls[0].arguments, serde_json::json!({}));
            }
            other => panic!("{}: {other:?}", made.kind),
        }
    }
}

#[tokio::test]
async fn an_error_in_the_stream_is_the_providers() {
    for made in
        each(&question(), |_| Reply::text("one two three").fault(Fault::ErrorAfter(2, 503))).await
    {
        let error = made.answer.unwrap_err();
        let class = error.class;
        assert!(matches!(class, Class::Overloaded | Class::Server), "{}: {error:?}", made.kind);
        assert_eq!((error.status, error.seen.bytes), (None, 8), "{}", made.kind);
    }
}

#[tokio::test]
async fn an_error_that_quotes_the_question_does_not_repeat_it() {
    let reply = |_| Reply::error(400).message(&format!("I will not answer: {QUESTION}"));
    for made in each(&question(), reply).await {
        assert_eq!(made.answer.unwrap_err().message, "I will not answer: ***", "{}", made.kind);
    }
    let page = |_| Reply::error(502).body("<html><h1>502 Bad Gateway</h1></html>");
    for made in each(&question(), page).await {
        assert_eq!(made.answer.unwrap_err().class, Class::Server, "{}", made.kind);
    }
}
