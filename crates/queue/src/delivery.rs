use ninja_types::{JobId, JobKind, Pool};
use redis::streams::StreamId;
use tokio::sync::OwnedSemaphorePermit;

use crate::{Posting, Queue};

/// The whole content of a message: everything else is read from the job's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobRef {
    /// Which job.
    pub job_id: JobId,
    /// What it does, so that a worker of another version can tell what it does not know.
    pub kind: JobKind,
}

impl JobRef {
    /// Reads an entry of a stream; `None`: nobody of this version wrote it.
    pub(crate) fn parse(entry: &StreamId) -> Option<Self> {
        let job_id = entry.get::<String>("job")?.parse().ok()?;
        let kind = entry.get::<String>("kind")?.parse().ok()?;
        Some(Self { job_id, kind })
    }

    pub(crate) fn fields(&self) -> [(&'static str, String); 2] {
        [("job", self.job_id.to_string()), ("kind", self.kind.to_string())]
    }
}

/// One job for a handler, together with the permit to run it.
#[derive(Debug)]
pub struct Delivery {
    /// Which pool it came from.
    pub pool: Pool,
    /// Which job.
    pub job: JobRef,
    /// What this process holds for it.
    pub held: Held,
}

/// A permit of the process and, if the job came over Redis, its unacknowledged message. Both end with this value:
/// the permit is free again, and an unacknowledged message goes to another worker after ten seconds.
#[derive(Debug)]
pub struct Held {
    pub(crate) queue: Queue,
    pub(crate) posting: Posting,
    /// `None`: it came from PostgreSQL while Redis was away, or is acknowledged.
    pub(crate) message_id: Option<String>,
    pub(crate) _permit: OwnedSemaphorePermit,
}

impl Held {
    /// The claim is decided, with a row or without: the message has done its work. Returns at once; Redis is told
    /// beside the handler, again and again if it must be.
    pub fn acknowledge(&mut self) {
        if let Some(message_id) = self.message_id.take() {
            self.queue.acknowledge(self.posting.pool, message_id);
        }
    }

    /// Not now, not here: the message goes to the end of its stream, for whoever reads next.
    pub fn give_back(mut self) {
        if let Some(message_id) = self.message_id.take() {
            self.queue.push([self.posting]);
            self.queue.acknowledge(self.posting.pool, message_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn entry(fields: &[(&str, &str)]) -> StreamId {
        let map = fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), redis::Value::BulkString(v.as_bytes().to_vec())));
        StreamId {
            id: "1-0".to_owned(),
            map: map.collect::<HashMap<_, _>>(),
            ..StreamId::default()
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let job = JobRef { job_id: JobId::new(), kind: JobKind::RunStep };
        let fields = job.fields();
        let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(JobRef::parse(&entry(&fields)), Some(job));
    }

    #[test]
    fn a_message_of_somebody_else_is_none() {
        let id = JobId::new().to_string();
        assert_eq!(JobRef::parse(&entry(&[])), None);
        assert_eq!(JobRef::parse(&entry(&[("job", &id), ("kind", "brew_coffee")])), None);
        assert_eq!(JobRef::parse(&entry(&[("job", "7"), ("kind", "run_step")])), None);
    }
}
