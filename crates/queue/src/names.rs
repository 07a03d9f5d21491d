use ninja_types::{Pool, TaskId};

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

    pub(crate) fn delta(&self, task: TaskId) -> String {
        format!("{}:delta:{task}", self.prefix)
    }

    pub(crate) fn limit(&self, key: &str) -> String {
        format!("{}:limit:{key}", self.prefix)
    }
}
