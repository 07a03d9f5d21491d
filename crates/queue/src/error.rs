use redis::RedisError;
use thiserror::Error;

/// Why a queue could not be opened: a fault of the configuration, never of the network.
#[derive(Debug, Error)]
pub enum QueueError {
    /// The address is none.
    #[error("`redis.url` is not an address of Redis")]
    Address(#[source] RedisError),
}

/// The other side did not answer: Redis for a question to this room, PostgreSQL for a [`crate::Fallback`].
#[derive(Debug, Error)]
#[error("{whom} cannot be reached")]
pub struct Unavailable {
    whom: &'static str,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Unavailable {
    /// Says who did not answer, and what was seen of it.
    pub fn new(
        whom: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { whom, source: Some(source.into()) }
    }

    /// No answer in time.
    pub(crate) fn late() -> Self {
        Self { whom: "Redis", source: None }
    }
}

impl From<RedisError> for Unavailable {
    fn from(error: RedisError) -> Self {
        Self::new("Redis", error)
    }
}
