use std::collections::HashSet;

use ninja_types::{JobId, Pool};
use redis::AsyncTypedCommands;
use redis::aio::ConnectionManager;
use redis::streams::{StreamId, StreamPendingCountReply};

use crate::names::GROUP;
use crate::{JobRef, Queue, Unavailable};

const PAGE: usize = 1000;

/// Where an entry stands in its stream: milliseconds and a number, ordered as Redis orders them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct EntryId(u64, u64);

impl EntryId {
    fn parse(text: &str) -> Option<Self> {
        let (ms, number) = text.split_once('-')?;
        Some(Self(ms.parse().ok()?, number.parse().ok()?))
    }
}

impl Queue {
    /// Those of `candidates` (released jobs of `pool`) that no live message names: they were never pushed, or Redis
    /// lost them. An entry is live if the group has not read it yet or somebody has it pending; any other is the
    /// ghost of a crash and is deleted here.
    pub async fn missing(
        &self,
        pool: Pool,
        candidates: &[JobId],
    ) -> Result<Vec<JobId>, Unavailable> {
        let stream = self.names().stream(pool);
        // In this order: an entry that is read meanwhile is seen as new, or as pending, never as neither.
        let read_up_to = self.last_delivered(&stream).await?;
        let entries = self.entries(&stream).await?;
        let pending = self.pending(&stream).await?;
        let (live, ghosts): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| {
            EntryId::parse(&entry.id).is_none_or(|id| id > read_up_to)
                || pending.contains(&entry.id)
        });
        if !ghosts.is_empty() {
            let ids: Vec<_> = ghosts.iter().map(|entry| entry.id.as_str()).collect();
            self.within(self.response(), self.shared().xdel(&stream, &ids)).await?;
        }
        let named: HashSet<_> =
            live.iter().filter_map(JobRef::parse).map(|job| job.job_id).collect();
        Ok(candidates.iter().copied().filter(|job| !named.contains(job)).collect())
    }

    /// Of our group; nothing if there is no stream or group.
    async fn last_delivered(&self, stream: &str) -> Result<EntryId, Unavailable> {
        let groups = match self.shared().xinfo_groups(stream).await {
            Ok(groups) => groups.groups,
            Err(error) if absent(&error) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let ours = groups.into_iter().find(|group| group.name == GROUP);
        Ok(ours.and_then(|group| EntryId::parse(&group.last_delivered_id)).unwrap_or_default())
    }

    async fn entries(&self, stream: &str) -> Result<Vec<StreamId>, Unavailable> {
        let mut redis = self.shared();
        let mut all = Vec::new();
        let mut from = "-".to_owned();
        loop {
            let page = redis.xrange_count(stream, &from, "+", PAGE).await?.ids;
            let full = page.len() == PAGE;
            if let Some(last) = page.last() {
                from = format!("({}", last.id);
            }
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }

    async fn pending(&self, stream: &str) -> Result<HashSet<String>, Unavailable> {
        let mut redis = self.shared();
        let mut all = HashSet::new();
        let mut from = "-".to_owned();
        loop {
            let page = pending_page(&mut redis, stream, &from).await?;
            let full = page.len() == PAGE;
            if let Some(last) = page.last() {
                from = format!("({last}");
            }
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }
}

async fn pending_page(
    redis: &mut ConnectionManager,
    stream: &str,
    from: &str,
) -> Result<Vec<String>, Unavailable> {
    match redis.xpending_count(stream, GROUP, from, "+", PAGE).await {
        Ok(StreamPendingCountReply { ids }) => Ok(ids.into_iter().map(|entry| entry.id).collect()),
        Err(error) if absent(&error) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// The stream or its group is gone: somebody emptied Redis.
pub(crate) fn absent(error: &redis::RedisError) -> bool {
    error.code() == Some("NOGROUP") || error.to_string().contains("no such key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_as_numbers() {
        let order = ["0-0", "9-1", "10-0", "10-2", "10-10"].map(EntryId::parse);
        assert!(order.is_sorted() && order.iter().all(Option::is_some));
        assert_eq!(EntryId::parse("ten"), None);
    }
}
