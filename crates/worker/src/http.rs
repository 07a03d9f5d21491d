//! As much HTTP as three addresses for probes and collectors need: one GET per connection, no body.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longest head that is read, and longest time for one request.
const HEAD_BYTES: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// What is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string() }
    }

    fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            _ => "Service Unavailable",
        }
    }

    /// The bytes of it; without the body for HEAD.
    fn bytes(&self, with_body: bool) -> Vec<u8> {
        let allow = if self.status == 405 { "allow: GET, HEAD\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n{allow}cache-control: no-store\r\nconnection: close\r\n\r\n",
            self.status,
            self.reason(),
            self.content_type,
            self.body.len(),
        );
        let body = if with_body { self.body.as_str() } else { "" };
        [head.as_bytes(), body.as_bytes()].concat()
    }
}

/// Serves until `end`. `answer` is asked with the path of each GET.
pub(crate) async fn serve<F>(
    listener: TcpListener,
    end: CancellationToken,
    answer: impl Fn(String) -> F + Clone + Send + 'static,
) where
    F: Future<Output = Answer> + Send,
{
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = end.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _from)) => {
                let answer = answer.clone();
                connections.spawn(async move {
                    // A prober that hangs up or dawdles has lost interest; there is nobody to tell.
                    drop(tokio::time::timeout(PATIENCE, respond(stream, answer)).await);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                crate::backoff::pause(Duration::from_millis(100)).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
}

async fn respond<F: Future<Output = Answer>>(
    mut stream: TcpStream,
    answer: impl Fn(String) -> F,
) -> std::io::Result<()> {
    let head = read_head(&mut stream).await?;
    let (answer, with_body) = match parse(&head) {
        Ok((method, path)) => (answer(path.to_owned()).await, method == "GET"),
        Err(status) => (Answer { status, content_type: "text/plain", body: String::new() }, true),
    };
    stream.write_all(&answer.bytes(with_body)).await?;
    stream.shutdown().await
}

/// Up to the empty line, or as much as may be.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while head.len() < HEAD_BYTES && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut part).await?;
        if read == 0 {
            break;
        }
        head.extend_from_slice(part.get(..read).unwrap_or_default());
    }
    Ok(head)
}

/// Method and path without the query, or the status that says what is wrong.
fn parse(head: &[u8]) -> Result<(&str, &str), u16> {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words =
        std::str::from_utf8(line).map_err(|_not_text| 400_u16)?.split_ascii_whitespace();
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(400);
    };
    if !version.starts_with("HTTP/1.") || !head.windows(4).any(|end| end == b"\r\n\r\n") {
        return Err(400);
    }
    if !matches!(method, "GET" | "HEAD") {
        return Err(405);
    }
    Ok((method, target.split('?').next().unwrap_or(target)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_gives_method_and_path() {
        assert_eq!(parse(b"GET /readyz?a=b HTTP/1.1\r\nhost: x\r\n\r\n"), Ok(("GET", "/readyz")));
        assert_eq!(parse(b"HEAD / HTTP/1.0\r\n\r\n"), Ok(("HEAD", "/")));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert_eq!(parse(b""), Err(400));
        assert_eq!(parse(b"GET /\r\n\r\n"), Err(400));
        assert_eq!(parse(b"GET / HTTP/1.1 extra\r\n\r\n"), Err(400));
        assert_eq!(parse(b"GET / HTTP/1.1\r\nhost: never ends"), Err(400));
        assert_eq!(parse(b"\xff\xfe / HTTP/1.1\r\n\r\n"), Err(400));
        assert_eq!(parse(b"POST / HTTP/1.1\r\n\r\n"), Err(405));
    }

    #[test]
    fn a_head_answer_says_the_length_and_sends_no_body() {
        let answer = Answer::json(200, &serde_json::json!({"status": "ok"}));
        let text = String::from_utf8(answer.bytes(false)).expect("text");
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\n"));
        assert!(text.contains("content-length: 15\r\n"));
    }
}
