use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// A way to Redis on which three of ten notices get lost, and nothing else.
pub(crate) struct DeafRedis {
    address: SocketAddr,
    lost: Arc<AtomicUsize>,
    listening: tokio::task::JoinHandle<()>,
}

impl DeafRedis {
    /// Listens, and passes on to `redis`, a `host:port`.
    pub(crate) async fn before(redis: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (redis, lost) = (redis.to_owned(), Arc::new(AtomicUsize::new(0)));
        let (tracker, counter) = (TaskTracker::new(), Arc::clone(&lost));
        let inner = tracker.clone();
        let listening = tracker.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // While Redis is away the client is hung up on, as it would be without us.
                let Ok(server) = TcpStream::connect(&redis).await else { continue };
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                inner.spawn(copy(from_client, to_server));
                inner.spawn(lose(from_server, to_client, Arc::clone(&counter)));
            }
        });
        Self { address, lost, listening }
    }

    /// For `NINJA_REDIS__URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}/", self.address)
    }

    /// Notices that did not arrive.
    pub(crate) fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for DeafRedis {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // An error is a side that hung up, which ends the other side too.
    tokio::io::copy(&mut from, &mut to).await.ok();
}

async fn lose(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, lost: Arc<AtomicUsize>) {
    let (mut buffer, mut notices) = (Vec::new(), 0_usize);
    loop {
        let mut at = 0;
        let mut passed = Vec::new();
        while let Some(len) = frame(&buffer[at..]) {
            let message = &buffer[at..at + len];
            at += len;
            if is_notice(message) {
                notices += 1;
                if matches!(notices % 10, 2 | 3 | 7) {
                    lost.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
            }
            passed.extend_from_slice(message);
        }
        buffer.drain(..at);
        if to.write_all(&passed).await.is_err() {
            return;
        }
        match from.read_buf(&mut buffer).await {
            Ok(n) if n > 0 => {}
            _ => return,
        }
    }
}

fn is_notice(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message);
    let mut lines = text.split("\r\n");
    lines.next().is_some_and(|first| matches!(first, "*3" | ">3"))
        && lines.nth(1) == Some("message")
        && lines.nth(1).is_some_and(|channel| channel.ends_with(":notices"))
}

/// Length of the first whole frame of the Redis protocol, if it is there.
fn frame(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|two| two == b"\r\n")?;
    let end = line + 2;
    let number = || std::str::from_utf8(&bytes[1..line]).ok()?.parse::<i64>().ok();
    match bytes[0] {
        b'$' | b'=' | b'!' => match usize::try_from(number()?) {
            Ok(length) => Some(end + length + 2).filter(|whole| *whole <= bytes.len()),
            Err(_nil) => Some(end),
        },
        kind @ (b'*' | b'>' | b'~' | b'%') => {
            let parts = usize::try_from(number()?).unwrap_or(0) * if kind == b'%' { 2 } else { 1 };
            (0..parts).try_fold(end, |at, _| Some(at + frame(&bytes[at..])?))
        }
        _ => Some(end),
    }
}

#[test]
fn frames_are_cut_where_they_end() {
    let message = b"*3\r\n$7\r\nmessage\r\n$9\r\nx:notices\r\n$2\r\n{}\r\n";
    assert_eq!(frame(message), Some(message.len()));
    assert_eq!(frame(&message[..message.len() - 1]), None);
    assert!(is_notice(message));
    assert_eq!(frame(b"+OK\r\n+OK\r\n"), Some(5));
    assert_eq!(frame(b"$-1\r\n"), Some(5));
    assert!(!is_notice(b"*3\r\n$7\r\nmessage\r\n$9\r\nx:signals\r\n$2\r\n{}\r\n"));
}
