use std::time::Duration;

use ninja_types::{ModelErrorClass, ProviderKind};
use tokio::net::TcpListener;

use crate::asked::{KEY, QUESTION, ask, question, target};
use crate::raw::{Raw, Then};

#[tokio::test]
async fn nobody_there_is_broken_on_every_kind() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    for kind in ProviderKind::ALL {
        let error = ask(*kind, &target(*kind, &url), &question()).await.unwrap_err();
        assert_eq!(error.class, ModelErrorClass::Broken, "{kind}");
        assert!(!error.message.contains("127.0.0.1"), "{}", error.message);
        assert!(!error.seen.began());
    }
}

#[tokio::test]
async fn an_address_that_is_refused_is_never_asked() {
    for kind in ProviderKind::ALL {
        let url = "http://169.254.169.254/latest/";
        let error = ask(*kind, &target(*kind, url), &question()).await.unwrap_err();
        assert_eq!(error.class, ModelErrorClass::Broken, "{kind}");
        assert_eq!(error.message, "the base URL must not be a link-local address");
    }
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_has_no_first_byte() {
    for kind in ProviderKind::ALL {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut target = target(*kind, &format!("http://{}/", listener.local_addr().unwrap()));
        target.patience.first_byte = Duration::from_millis(200);
        let error = ask(*kind, &target, &question()).await.unwrap_err();
        assert_eq!(error.class, ModelErrorClass::TimeoutFirstByte, "{kind}");
    }
}

#[tokio::test]
async fn a_provider_that_quotes_key_and_question_is_not_repeated() {
    let body = format!(
        r#"{{"error":{{"message":"key {KEY} may not ask '{QUESTION}' {}","type":"x","code":"{KEY}"}}}}"#,
        "really ".repeat(100_000),
    );
    let head = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close";
    for kind in ProviderKind::ALL {
        let server = Raw::start(head, &body, Then::Close).await;
        let error = ask(*kind, &target(*kind, &server.base_url), &question()).await.unwrap_err();
        assert_eq!((error.class, error.status), (ModelErrorClass::Auth, Some(401)), "{kind}");
        assert!(error.message.starts_with("key *** may not ask '***"), "{}", error.message);
        assert_eq!(error.code.as_deref(), Some("***"));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let head =
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\nconnection: close";
    for kind in ProviderKind::ALL {
        let server = Raw::start(head, "", Then::Close).await;
        let error = ask(*kind, &target(*kind, &server.base_url), &question()).await.unwrap_err();
        assert_eq!((error.class, error.status), (ModelErrorClass::Broken, Some(307)), "{kind}");
    }
}

#[tokio::test]
async fn a_base_url_means_the_same_with_and_without_its_slash() {
    let expected = [
        (ProviderKind::OpenAi, "POST /v1/chat/completions "),
        (ProviderKind::Anthropic, "POST /v1/messages "),
        (ProviderKind::Google, "POST /v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse "),
        (ProviderKind::DeepSeek, "POST /v1/chat/completions "),
        (ProviderKind::Ollama, "POST /v1/api/chat "),
        (ProviderKind::Compatible, "POST /v1/chat/completions "),
    ];
    for (kind, start) in expected {
        for slash in ["", "/"] {
            let server = Raw::events("", Then::Close).await;
            let url = format!("{}{slash}", server.base_url);
            ask(kind, &target(kind, &url), &question()).await.unwrap_err();
            let (head, _) = server.request();
            assert!(head.starts_with(start), "{kind} {slash}: {head}");
        }
    }
}
