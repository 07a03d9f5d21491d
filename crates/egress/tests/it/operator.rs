use std::process::Command;

use ninja_egress::{OperatorUrlError, check_operator_url, provider_client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const CHILD: &str = "NINJA_EGRESS_ASKS";

fn check(url: &str) -> Result<(), OperatorUrlError> {
    check_operator_url(&Url::parse(url).unwrap())
}

#[test]
fn private_hosts_may_be_asked_and_link_local_ones_never() {
    for url in [
        "https://api.openai.com/v1/",
        "http://127.0.0.1:11434/",
        "http://10.0.0.7/v1/",
        "http://192.168.1.2:8080",
        "http://[::1]:8080/",
        "http://[fd12:3456::1]/",
        "http://ollama:11434/",
    ] {
        assert_eq!(check(url), Ok(()), "{url}");
    }
    for url in [
        "http://169.254.169.254/latest/",
        "http://169.254.0.1",
        "http://0xA9FEA9FE/",
        "http://2852039166/",
        "http://[fe80::1]/",
        "http://[febf::1]/",
        "http://[fd00:ec2::254]/",
        "http://[fd00:ec2:1::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::169.254.169.254]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[2002:a9fe:a9fe::1]/",
    ] {
        assert_eq!(check(url), Err(OperatorUrlError::LinkLocal), "{url}");
    }
}

#[test]
fn a_base_url_is_a_plain_web_address() {
    assert_eq!(check("ftp://host/"), Err(OperatorUrlError::Scheme));
    assert_eq!(check("file:///etc/passwd"), Err(OperatorUrlError::Scheme));
    assert_eq!(check("https://user:secret@host/"), Err(OperatorUrlError::Credentials));
    assert_eq!(check("https://key@host/"), Err(OperatorUrlError::Credentials));
    assert_eq!(check("https://host/?key=1"), Err(OperatorUrlError::Query));
    assert_eq!(check("https://host/#part"), Err(OperatorUrlError::Query));
}

/// Answers every connection with `head`, and says what it was asked.
async fn serve(head: &'static str) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, asked) = tokio::sync::mpsc::unbounded_channel();
    let serving = async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0_u8; 4096];
            let read = stream.read(&mut buffer).await.unwrap();
            tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
        }
    };
    tokio_util::task::TaskTracker::new().spawn(serving);
    (port, asked)
}

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
const MOVED: &str = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    if let Some(url) = std::env::var_os(CHILD) {
        let answer = provider_client().unwrap().get(url.to_str().unwrap()).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "hello");
        return;
    }
    let (server, mut asked) = serve(HELLO).await;
    let (proxy, mut proxied) = serve(HELLO).await;
    let proxy = format!("http://127.0.0.1:{proxy}");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "operator::a_proxy_of_the_environment_is_not_used"]);
    child.env(CHILD, format!("http://127.0.0.1:{server}/"));
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"] {
        child.env(name, &proxy);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let done = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    assert!(
        asked.recv().await.unwrap().starts_with("GET / HTTP/1.1"),
        "the server was asked itself"
    );
    assert!(proxied.try_recv().is_err(), "the proxy was asked");
}

#[tokio::test]
async fn a_redirect_is_answered_and_not_followed() {
    let (server, mut asked) = serve(MOVED).await;
    let url = format!("http://127.0.0.1:{server}/");
    let answer = provider_client().unwrap().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert!(asked.recv().await.is_some());
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn a_name_is_resolved_and_asked() {
    let (server, mut asked) = serve(HELLO).await;
    let url = format!("http://localhost:{server}/");
    let answer = provider_client().unwrap().get(url).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "hello");
    assert!(asked.recv().await.is_some());
}
