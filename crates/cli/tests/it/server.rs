use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// `GET /path?query`.
    pub(crate) line: String,
    /// By lower-case name.
    pub(crate) headers: HashMap<String, String>,
    /// The body.
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn is(&self, start: &str) -> bool {
        self.line.starts_with(start)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// An answer, written as it stands; then the connection is closed, so a body may be shorter than was promised.
pub(crate) struct Answer(pub(crate) String);

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let kind = if status < 400 { "application/json" } else { "application/problem+json" };
        let text = body.to_string();
        Self(format!(
            "HTTP/1.1 {status} -\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            text.len()
        ))
    }

    pub(crate) fn problem(status: u16, code: &str) -> Self {
        let detail = format!("This is {code}.");
        Self::json(status, &serde_json::json!({ "status": status, "code": code, "detail": detail }))
    }

    /// An event stream that ends where `text` ends, in the middle of an event or not.
    pub(crate) fn events(text: &str) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close";
        Self(format!("{head}\r\n\r\n{text}"))
    }
}

/// A server on a port of its own whose answers the test decides.
pub(crate) struct Server {
    /// `http://127.0.0.1:1234/`
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request by `answer`. Its threads end with the test's process.
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { url, requests }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request) -> Answer) {
    let mut writer = stream.try_clone().expect("a second handle");
    let Some(request) = read(stream) else { return };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    // A client that went away is its own business.
    let _ = writer.write_all(answer(&request).0.as_bytes()).and_then(|()| writer.flush());
}

fn read(stream: TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    reader.read_line(&mut request.line).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        request.headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length: usize =
        request.header("content-length").map_or(0, |text| text.parse().unwrap_or(0));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}
