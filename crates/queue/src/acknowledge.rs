use std::time::Duration;

use ninja_types::Pool;
use redis::aio::ConnectionLike;

use crate::Queue;
use crate::backoff::Backoff;
use crate::names::GROUP;

/// After this the message is left to whoever finds it idle: its claim is decided, so it is only noise.
const PATIENCE: Duration = Duration::from_mins(1);

impl Queue {
    /// Takes a message off its stream, beside the caller and as often as it takes. Doing it twice is harmless.
    pub(crate) fn acknowledge(&self, pool: Pool, message_id: String) {
        let queue = self.clone();
        self.detach(async move {
            let stream = queue.names().stream(pool);
            let tries = async {
                let mut backoff = Backoff::new();
                while let Err(error) = remove(&mut queue.shared(), &stream, &message_id).await {
                    tracing::debug!(%pool, message_id, %error, "acknowledgement failed, trying again");
                    pause(backoff.next()).await;
                }
            };
            if tokio::time::timeout(PATIENCE, tries).await.is_err() {
                tracing::debug!(%pool, message_id, "message left unacknowledged: another worker will find it");
            }
        });
    }
}

/// Both at once: between the two a crash would leave an entry that no group owes to anybody.
async fn remove(
    redis: &mut (impl ConnectionLike + Send),
    stream: &str,
    message_id: &str,
) -> redis::RedisResult<()> {
    redis::pipe()
        .atomic()
        .xack(stream, GROUP, &[message_id])
        .ignore()
        .xdel(stream, &[message_id])
        .ignore()
        .query_async(redis)
        .await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the back-off of a retry: there is nothing else to wait for"
)]
pub(crate) async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
}
