use ninja_types::{Pool, ProviderId, TaskId};

/// The consumer group: one per stream, shared by all workers.
pub(crate) const GROUP: &str = "ninja";

/// The keys and channels of one installation, all under its prefix.
#[derive(Debug)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The braces are literal: they keep a stream in one slot of a cluster.
    pub(crate) fn stream(&self, pool: Pool) -> String {
        format!("{}:{{{pool}}}", self.prefix)
    }

    pub(crate) fn notices(&self) -> String {
        format!("{}:notices", self.prefix)
    }

    pub(crate) fn signals(&self) -> String {
        format!("{}:signals", self.prefix)
    }

    pub(crate) fn revocations(&self) -> String {
        format!("{}:revocations", self.prefix)
    }

    pub(crate) fn providers(&self) -> String {
        format!("{}:providers", self.prefix)
    }

    /// Under the hash of the ticket: who reads Redis learns none that is good.
    pub(crate) fn ticket(&self, hash: &[u8]) -> String {
        let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
        let hex: String =
            hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        format!("{}:ticket:{hex}", self.prefix)
    }

    pub(crate) fn delta(&self, task: TaskId) -> String {
        format!("{}:delta:{task}", self.prefix)
    }

    pub(crate) fn limit(&self, key: &str) -> String {
        format!("{}:limit:{key}", self.prefix)
    }

    /// The braces keep what belongs to a provider in one slot of a cluster.
    pub(crate) fn provider(&self, provider: ProviderId) -> String {
        format!("{}:health:{{{provider}}}", self.prefix)
    }

    pub(crate) fn model(&self, provider: ProviderId, model: &str) -> String {
        format!("{}:health:{{{provider}}}:{model}", self.prefix)
    }

    pub(crate) fn rate(&self, provider: ProviderId, of: &str) -> String {
        format!("{}:rate:{{{provider}}}:{of}", self.prefix)
    }
}
