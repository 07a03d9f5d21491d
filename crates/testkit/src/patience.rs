//! Waiting for what another process does: look, wait a little, look again, give up at a deadline.

use std::time::Duration;

/// Asks `look` until it answers, or until `limit` is over.
pub async fn until<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = tokio::time::Instant::now() + limit;
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    loop {
        pause.tick().await;
        if let Some(seen) = look() {
            return Some(seen);
        }
        if tokio::time::Instant::now() > end {
            return None;
        }
    }
}
