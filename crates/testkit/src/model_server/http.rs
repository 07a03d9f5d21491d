//! As much of HTTP/1.1 as model calls need, by hand: a library would not let a test cut an answer at a byte.

use std::collections::BTreeMap;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Pictures travel in bodies.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// One request, read to its end.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    /// Names in small letters.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// A connection of one client, which may send many requests.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    /// Read, but not yet part of a request.
    ahead: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).ok();
        Self { stream, ahead: Vec::new() }
    }

    /// The next request; `None`: the client is gone, or speaks something else.
    pub(super) async fn request(&mut self) -> Option<Request> {
        let head = loop {
            if let Some(end) = find(&self.ahead, b"\r\n\r\n") {
                break end;
            }
            self.more().await?;
        };
        let text = std::str::from_utf8(&self.ahead[..head]).ok()?;
        let mut request = parse_head(text)?;
        self.ahead.drain(..head + 4);
        if request.header("expect").is_some() {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
        }
        if request.header("transfer-encoding").is_some_and(|how| how.contains("chunked")) {
            request.body = self.chunked().await?;
        } else if let Some(length) = request.header("content-length") {
            let length = length.parse().ok().filter(|length| *length <= LARGEST_BODY)?;
            request.body = self.take(length).await?;
        }
        Some(request)
    }

    async fn chunked(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = find(&self.ahead, b"\r\n") {
                    break end;
                }
                self.more().await?;
            };
            let length = std::str::from_utf8(&self.ahead[..line]).ok()?.split(';').next()?.trim();
            let length = usize::from_str_radix(length, 16).ok()?;
            if body.len() + length > LARGEST_BODY {
                return None;
            }
            self.ahead.drain(..line + 2);
            let chunk = self.take(length + 2).await?;
            body.extend_from_slice(&chunk[..length]);
            if length == 0 {
                return Some(body);
            }
        }
    }

    async fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.ahead.len() < length {
            self.more().await?;
        }
        let rest = self.ahead.split_off(length);
        Some(std::mem::replace(&mut self.ahead, rest))
    }

    async fn more(&mut self) -> Option<()> {
        self.ahead.reserve(16 * 1024);
        let read = self.stream.read_buf(&mut self.ahead).await.ok();
        read.filter(|length| *length > 0).map(|_| ())
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Comes back when the client has left; what it sends meanwhile is kept for later.
    pub(super) async fn left(&mut self) {
        while self.more().await.is_some() {}
    }

    /// Ends the connection with a reset, as a machine that fails does.
    pub(super) fn reset(self) {
        self.stream.set_zero_linger().ok();
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn parse_head(text: &str) -> Option<Request> {
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    Some(Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
    })
}

/// The head of an answer. Without a length its body is chunked.
pub(super) fn head(
    status: u16,
    media: &str,
    headers: &[(String, String)],
    length: Option<usize>,
) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\ncontent-type: {media}\r\n", reason(status));
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    match length {
        Some(length) => head.extend(["content-length: ", &length.to_string(), "\r\n\r\n"]),
        None => head.push_str("cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"),
    }
    head.into_bytes()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}
