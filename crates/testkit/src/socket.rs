use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::{Answer, Client, ledger};

/// Longer than anything that a test waits for: a socket that is silent for so long says nothing more.
const PATIENCE: Duration = Duration::from_mins(1);

/// A socket to be: where, and with what in its upgrade.
#[derive(Clone, Debug)]
pub struct Dial {
    url: String,
    path: String,
    headers: Vec<(&'static str, String)>,
}

/// An open socket, read like a program would: pings are answered, everything else is the test's.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    closed: Option<u16>,
    /// What the server answered to the upgrade: its protocol, and the id of the request.
    pub protocol: Option<String>,
}

impl Dial {
    pub(crate) fn new(client: &Client) -> Self {
        let headers =
            client.token_if_any().map(|token| ("authorization", format!("Bearer {token}")));
        let (url, path) = (client.url().to_owned(), "/ws".to_owned());
        Self { url, path, headers: headers.into_iter().collect() }
    }

    /// Another path, with its query.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// One header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As a browser does: no identity but the ticket, and the origin of its page.
    #[must_use]
    pub fn as_browser(mut self, ticket: &str, origin: Option<&str>) -> Self {
        self.headers.retain(|(name, _)| *name != "authorization");
        let dial = self.header("sec-websocket-protocol", &format!("ninja.v1, ticket.{ticket}"));
        match origin {
            Some(origin) => dial.header("origin", origin),
            None => dial,
        }
    }

    /// Opens it; panics if it is refused.
    pub async fn open(&self) -> Socket {
        self.try_open().await.unwrap_or_else(|why| panic!("{}: {why}", self.path))
    }

    /// Opens it, or says why not; what exactly the API answers, [`Dial::refused`] tells.
    pub async fn try_open(&self) -> Result<Socket, String> {
        let address = self.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let mut request = format!("ws://{address}{}", self.path)
            .into_client_request()
            .map_err(|error| error.to_string())?;
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).expect("a header of a test can be sent");
            request.headers_mut().insert(*name, value);
        }
        let opening = tokio_tungstenite::client_async(request, stream);
        let opened = tokio::time::timeout(PATIENCE, opening).await;
        let (stream, answer) =
            opened.map_err(|_late| "no answer".to_owned())?.map_err(|error| error.to_string())?;
        let url = format!("{}{}", self.url, self.path).parse().expect("an address");
        ledger::note(&Method::GET, &url, answer.status().as_u16());
        let protocol = answer.headers().get("sec-websocket-protocol");
        let protocol = protocol.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Ok(Socket { stream, closed: None, protocol })
    }

    /// Sends the upgrade as a plain request and takes the whole answer: for upgrades that are refused.
    pub async fn refused(&self) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
        .into_iter()
        .chain(self.headers.iter().map(|(name, value)| (*name, value.as_str())))
        {
            let value = HeaderValue::from_str(value).expect("a header of a test can be sent");
            headers.insert(name, value);
        }
        let request =
            Client::anonymous(&self.url).request(Method::GET, &self.path).headers(headers);
        let answer = Answer::of(request).await;
        assert_ne!(answer.status, 101, "the upgrade is not refused");
        answer
    }
}

impl Socket {
    /// Sends one message.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends a text as it is.
    pub async fn send_text(&mut self, text: &str) {
        // An error shows in what is read next: the server closed.
        self.stream.send(Message::text(text)).await.ok();
    }

    /// Sends a binary message.
    pub async fn send_binary(&mut self, bytes: &[u8]) {
        self.stream.send(Message::binary(bytes.to_vec())).await.ok();
    }

    /// Sends a WebSocket ping.
    pub async fn ping(&mut self) {
        self.stream.send(Message::Ping(Bytes::new())).await.ok();
    }

    /// Sends one text message in several frames.
    pub async fn send_pieces(&mut self, pieces: &[&str]) {
        for (n, piece) in pieces.iter().enumerate() {
            let kind = if n == 0 { Data::Text } else { Data::Continue };
            let last = n + 1 == pieces.len();
            let frame = Frame::message(piece.to_string(), OpCode::Data(kind), last);
            self.stream.send(Message::Frame(frame)).await.ok();
        }
    }

    /// Asks for the events of `task`, or of `*`, and takes the answer.
    pub async fn subscribe(&mut self, task: &str, after: Option<i64>) -> Value {
        let mut message = json!({"type": "subscribe", "id": "s", "task_id": task});
        if let Some(after) = after {
            message["after"] = json!(after);
        }
        self.send(&message).await;
        self.expect("subscribed").await
    }

    /// The next message; `None` when the socket closed or broke.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let read = tokio::time::timeout(PATIENCE, self.stream.next());
            match read.await.expect("the socket is silent")? {
                Ok(Message::Text(text)) => {
                    return Some(serde_json::from_str(&text).expect("each message is JSON"));
                }
                Ok(Message::Close(frame)) => {
                    self.closed = Some(frame.map_or(1005, |frame| frame.code.into()));
                    self.stream.flush().await.ok(); // and with it our goodbye
                    return None;
                }
                Ok(_) => {}
                Err(_broken) => return None,
            }
        }
    }

    /// The next message, which is of this type; heartbeats do not count.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            match self.next().await {
                Some(message) if message["type"] == kind => return message,
                Some(message) if message["type"] == "heartbeat" => {}
                other => panic!("{kind} is expected, {other:?} came; closed: {:?}", self.closed),
            }
        }
    }

    /// The next event of any task.
    pub async fn event(&mut self) -> Value {
        self.expect("event").await["event"].take()
    }

    /// The next event of any task, unless none comes within `span`.
    pub async fn event_within(&mut self, span: Duration) -> Option<Value> {
        tokio::time::timeout(span, self.event()).await.ok()
    }

    /// The code with which the server closes, if it does so within `span`.
    pub async fn closes_within(&mut self, span: Duration) -> Option<u16> {
        tokio::time::timeout(span, self.closed()).await.ok()
    }

    /// All events until the `end` of their task.
    pub async fn events(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            match self.next().await {
                Some(mut message) if message["type"] == "event" => {
                    events.push(message["event"].take());
                }
                Some(message) if message["type"] == "end" => return events,
                Some(message) if message["type"] == "heartbeat" => {}
                other => panic!("{other:?} came; closed: {:?}", self.closed),
            }
        }
    }

    /// Reads to the end: the code with which the server closed, 0 if the connection broke.
    pub async fn closed(&mut self) -> u16 {
        while self.closed.is_none() && self.next().await.is_some() {}
        self.closed.unwrap_or(0)
    }

    /// Says goodbye and waits for the answer.
    pub async fn close(mut self) -> u16 {
        self.stream.close(None).await.ok();
        self.closed().await
    }
}
