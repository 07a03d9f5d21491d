//! A server of one answer, given as bytes: for what no well-behaved server does.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What follows the bytes.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// The connection is closed.
    Close,
    /// Nothing, for as long as the test runs.
    Silence,
}

/// A server, and what it was asked.
pub(crate) struct Raw {
    pub(crate) base_url: String,
    asked: Arc<Mutex<Vec<String>>>,
    gone: CancellationToken,
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

impl Raw {
    /// Answers every request with `head` and `body`.
    pub(crate) async fn start(head: &str, body: &str, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (asked, gone) = (Arc::new(Mutex::new(Vec::new())), CancellationToken::new());
        let answer = format!("{head}\r\n\r\n{body}").into_bytes();
        let (requests, stop) = (Arc::clone(&asked), gone.clone());
        TaskTracker::new().spawn(gone.clone().run_until_cancelled_owned(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = request(&mut stream).await;
                requests.lock().unwrap().push(request);
                stream.write_all(&answer).await.unwrap();
                if matches!(then, Then::Silence) {
                    stop.cancelled().await;
                }
            }
        }));
        Self { base_url, asked, gone }
    }

    /// A stream of events that then goes as `then` says.
    pub(crate) async fn events(body: &str, then: Then) -> Self {
        Self::start(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close",
            body,
            then,
        )
        .await
    }

    /// The one request: its head, and its body as JSON.
    pub(crate) fn request(&self) -> (String, Value) {
        let asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1, "asked once");
        let (head, body) = asked[0].split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = vec![0_u8; 65_536];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().unwrap())
        });
        if read == 0 || body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}
