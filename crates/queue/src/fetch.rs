use std::sync::Arc;
use std::time::Duration;

use ninja_types::Pool;
use redis::AsyncTypedCommands;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamAutoClaimOptions, StreamId, StreamReadOptions};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::names::GROUP;
use crate::queue::BLOCK;
use crate::{Delivery, Fallback, Held, JobRef, Posting, Queue, Serving, Unavailable};

/// The fetch loop of one pool: waits for a free permit, reads one message, takes the permit, hands both to apalis.
/// Nothing is prefetched. It has a connection of its own, because its reads block.
pub(crate) struct Fetch {
    pub(crate) queue: Queue,
    pub(crate) pool: Pool,
    pub(crate) serving: Serving,
    pub(crate) fallback: Arc<dyn Fallback>,
    pub(crate) backoff: Backoff,
    pub(crate) stream: String,
    sender: mpsc::Sender<Delivery>,
    /// Where the search for abandoned messages goes on: from the start it would see the same ones again and again.
    cursor: String,
    claim_at: Instant,
}

impl Fetch {
    pub(crate) fn new(
        queue: Queue,
        pool: Pool,
        serving: Serving,
        sender: mpsc::Sender<Delivery>,
        fallback: Arc<dyn Fallback>,
    ) -> Self {
        let stream = queue.names().stream(pool);
        let backoff = Backoff::new();
        let cursor = "0-0".to_owned();
        let claim_at = Instant::now();
        Self { queue, pool, serving, fallback, backoff, stream, sender, cursor, claim_at }
    }

    /// Runs until the stop. Any error of a connection closes it; the next one begins with the group.
    pub(crate) async fn run(mut self) {
        let mut lost = None;
        while let Some(connection) = self.connected(lost.take()).await {
            match self.read_while_well(connection).await {
                Ok(()) => return,
                Err(error) => lost = Some(error),
            }
        }
    }

    /// Reads until the stop (Ok) or until the connection fails.
    async fn read_while_well(
        &mut self,
        mut redis: MultiplexedConnection,
    ) -> Result<(), Unavailable> {
        while self.wanted().await {
            if let Some(message) = self.next_message(&mut redis).await? {
                self.deliver(message).await;
            }
            self.backoff.reset();
        }
        Ok(())
    }

    /// Waits until a message could be run at once; false: stopped. The permit is not taken, so that an idle pool
    /// keeps none from the others.
    async fn wanted(&mut self) -> bool {
        let ready = async {
            loop {
                if self.serving.reading.wait_for(|reading| *reading).await.is_err() {
                    return false;
                }
                if self.serving.permits.acquire().await.is_err() {
                    return false;
                }
                if *self.serving.reading.borrow() {
                    return true;
                }
            }
        };
        let pulse = self.serving.pulse.clone();
        let waiting = async {
            let mut seconds = tokio::time::interval(Duration::from_secs(1));
            loop {
                seconds.tick().await;
                pulse.beat();
            }
        };
        tokio::select! {
            biased;
            () = self.serving.stop.cancelled() => false,
            wanted = ready => wanted,
            () = waiting => false,
        }
    }

    /// An abandoned message now and then, else the next new one, waited for.
    async fn next_message(
        &mut self,
        redis: &mut MultiplexedConnection,
    ) -> Result<Option<StreamId>, Unavailable> {
        let consumer = self.serving.consumer.borrow().to_string();
        if Instant::now() >= self.claim_at {
            let idle = u64::try_from(self.serving.claim_idle.as_millis()).unwrap_or(u64::MAX);
            let found = redis
                .xautoclaim_options(
                    &self.stream,
                    GROUP,
                    &consumer,
                    idle,
                    &self.cursor,
                    StreamAutoClaimOptions::default().count(1),
                )
                .await?;
            let at_end = found.next_stream_id == "0-0";
            self.cursor = found.next_stream_id;
            if at_end && found.claimed.is_empty() {
                self.claim_at = Instant::now() + self.serving.claim_idle / 2;
            }
            if let Some(message) = found.claimed.into_iter().next() {
                return Ok(Some(message));
            }
        }
        let block = usize::try_from(BLOCK.as_millis()).unwrap_or(usize::MAX);
        let options = StreamReadOptions::default().group(GROUP, &consumer).count(1).block(block);
        let read = redis.xread_options(&[&self.stream], &[">"], &options).await?;
        Ok(read.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids).next())
    }

    /// Takes the permit and hands the message over; after a stop, or while a job wants to be alone, gives it back.
    async fn deliver(&mut self, message: StreamId) {
        let Some(job) = JobRef::parse(&message) else {
            metrics::counter!("ninja_queue_bad_messages_total").increment(1);
            self.queue.acknowledge(self.pool, message.id);
            return;
        };
        let permits = Arc::clone(&self.serving.permits);
        let permit = tokio::select! {
            biased;
            () = self.serving.stop.cancelled() => None,
            permit = permits.acquire_owned() => permit.ok(),
        };
        if let Some(permit) = permit.filter(|_| *self.serving.reading.borrow()) {
            self.hand_over(job, Some(message.id), permit).await;
        } else {
            self.queue.push([self.posting(job)]);
            self.queue.acknowledge(self.pool, message.id);
        }
    }

    /// Gives a job to apalis. The channel has room: whoever holds a permit is run at once.
    pub(crate) async fn hand_over(
        &self,
        job: JobRef,
        message_id: Option<String>,
        permit: OwnedSemaphorePermit,
    ) {
        let posting = self.posting(job);
        let held = Held { queue: self.queue.clone(), posting, message_id, _permit: permit };
        let delivery = Delivery { pool: self.pool, job, held };
        if let Err(refused) = self.sender.send(delivery).await {
            tracing::error!(pool = %self.pool, "nobody serves the pool any more");
            refused.0.held.give_back();
        }
    }

    fn posting(&self, job: JobRef) -> Posting {
        Posting { pool: self.pool, job_id: job.job_id, kind: job.kind }
    }
}
